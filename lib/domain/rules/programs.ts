/** Programs, and the words with which each runs something else, or writes where nobody looks. Data alone. */

/** Words, parted by spaces. */
const list = (words: string): readonly string[] => words.split(/\s+/);

export interface Program {
  /** Long options; a beginning of one counts, since most programs take it. */
  long?: readonly string[];
  /** Long options that are none of these, although one of these begins so. */
  whole?: readonly string[];
  /** Short options by their letters, alone, in a cluster, or with their value behind. */
  short?: string;
  /** Options with one dash and several letters; with two dashes, and with `=`, they are the same. */
  single?: readonly string[];
  /** Commands of the program's own: its first word that is no option. */
  words?: readonly string[];
  /** What its first word has, where options stand there without a dash. */
  first?: RegExp;
  /** Anything else in a word. */
  text?: RegExp;
}

const NODE_LIKE: Program = {
  long: list(`eval print require import loader preload experimental-loader experimental-config-file
      experimental-default-config-file experimental-sea-config build-snapshot build-snapshot-config
      snapshot-blob env-file env-file-if-exists run inspect conditions test-reporter
      test-reporter-destination test-global-setup cpu-prof-dir cpu-prof-name heap-prof-dir heap-prof-name
      report-dir report-directory report-filename diagnostic-dir redirect-warnings redirect-code-traces-to
      trace-event-file-pattern logfile localstorage-file openssl-config icu-data-dir entry-url`),
  whole: ["test", "test-only", "test-name-pattern", "check"],
  short: "eprC",
};
const TSX: Program = { ...NODE_LIKE, long: [...(NODE_LIKE.long ?? []), "tsconfig"] };
const TS_NODE: Program = {
  long: [...(NODE_LIKE.long ?? []), ...list(`project compiler compiler-options cwd transpiler swc`)],
  short: "eprCPO",
};
const DENO: Program = {
  long: [
    ...(NODE_LIKE.long ?? []),
    ...list(`allow-all allow-run allow-write allow-ffi allow-net allow-env allow-sys allow-scripts config
      import-map eval-file output cert location root`),
  ],
  short: "Aecorp",
  words: list(`eval repl install compile jupyter upgrade publish x init serve bundle`),
};
const NPM_LIKE: Program = {
  long: list(`script-shell prefix userconfig globalconfig node-options shell call dir cwd shell-emulator config
      git editor viewer ignore-scripts init-module use-node-version global location workspace-root
      registry proxy https-proxy noproxy cafile cache onload-script modules-dir virtual-store-dir pnpmfile
      use-yarnrc modules-folder otp`),
  short: "cCgw",
  words:
    list(`pkg unpublish deprecate dist-tag owner access token login adduser profile org team hook trust npm
      node plugin workspaces workspace policies global setup self-update patch-commit exec x dlx config c
      set explore edit publish link create init env`),
};
const BUN: Program = {
  ...NPM_LIKE,
  long: [...(NPM_LIKE.long ?? []), ...list(`eval print preload require import outfile outdir env-file`)],
  short: "cCgwepr",
  words: [...(NPM_LIKE.words ?? []), "upgrade", "build", "repl"],
};
const TEST_RUNNER: Program = {
  long: list(`preset workspace browser coverage typecheck poolOptions execArgv deps alias api diff sequence
      snapshotEnvironment snapshotSerializers configLoader attachmentsDir mergeReports cache
      cacheDirectory globalTeardown modulePaths moduleNameMapper coverageDirectory coverageReporters
      coverageProvider testSequencer testResultsProcessor filter prettierPath haste dependencyExtractor
      file extension loader node-option package opts ui output config root rootDir dir globalSetup
      setupFiles setupFilesAfterEnv environment testRunner runner reporter reporters transform resolver
      outputFile pool require import globals project projects testEnvironment snapshotResolver
      watchPlugins`),
  whole: ["run", "watch"],
  short: "crRu",
  words: list(`codegen install run-server launch-server screenshot pdf init`),
};
/** `-W` and `-X` load modules by their names. */
const PYTHON: Program = { short: "cmWXi", words: ["-"] };
const VIM: Program = {
  short: "cSsuwWiVUeEl",
  long: list(`cmd startuptime remote servername listen server`),
  text: /^\+/,
};
const COMPILER: Program = {
  text: /^-{1,2}(?:fplugin|wrapper|specs|load|plugin|output|dump|aux-info|MF|fdump|save-temps|ftest-coverage)/,
  short: "oB",
};

/** Easy to add to. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  git: {
    long: list(`exec-path git-dir work-tree config-env namespace upload-pack receive-pack exec ext-diff textconv
      output output-directory unsafe-paths export-marks import-marks open-files-in-pager template config
      separate-git-dir paginate extcmd editor gpg-sign strategy super-prefix attr-source`),
    short: "cCxOu",
    words: list(`config bisect filter-branch submodule difftool mergetool send-email daemon instaweb archive
      fast-import credential maintenance hook for-each-repo remote-ext upload-pack receive-pack
      http-backend shell var replace alias worktree init format-patch bundle fast-export checkout-index
      send-pack request-pull citool gui web--browse imap-send svn p4`),
    text: /^(?:ext|fd)::|^--?[a-z-]*=?ext::/,
  },
  npm: NPM_LIKE,
  pnpm: NPM_LIKE,
  yarn: NPM_LIKE,
  bun: BUN,
  npx: NPM_LIKE,
  node: NODE_LIKE,
  tsx: TSX,
  "ts-node": TS_NODE,
  deno: DENO,
  python: PYTHON,
  python3: PYTHON,
  ruby: { short: "ercIxSCinp", words: ["-"] },
  perl: { short: "eEMmIxnsidpFS", words: ["-"] },
  php: {
    long: list(
      `run process-begin process-code process-end process-file define php-ini zend-extension server docroot`,
    ),
    short: "rdcBRFEzSta",
    words: ["-"],
  },
  lua: { short: "eliE", words: ["-"] },
  julia: {
    long: list(`eval print load sysimage project machine-file`),
    short: "eELJpi",
    words: ["-"],
  },
  Rscript: { long: ["default-packages"], short: "e", words: ["-"] },
  java: {
    text: /^-(?:javaagent|agentlib|agentpath|Xrun|XX:On|XX:\+?Flags|XX:VMOptionsFile|Xlog|cp$|classpath|D)|^@/,
  },
  gradle: {
    long: list(`init-script build-file project-dir settings-file include-build system-prop gradle-user-home`),
    short: "IbpcDg",
  },
  mvn: { long: list(`file settings global-settings toolchains define log-file`), short: "fsgtDl" },
  just: {
    long: list(`justfile working-directory shell shell-arg set command dotenv-path chooser edit`),
    short: "fdcse",
  },
  gcc: COMPILER,
  clang: COMPILER,
  rustc: { long: ["out-dir", "codegen", "emit", "sysroot"], short: "oCZ" },
  cmake: { long: ["build", "install", "preset", "open"], short: "PECGDB" },
  ninja: { short: "fCt" },
  emacs: { long: list(`eval load funcall script batch insert execute`), short: "lfQ" },
  tree: { short: "o" },
  yq: {
    long: ["inplace", "in-place", "split-exp", "from-file"],
    short: "is",
    text: /\b(?:load|env|strenv|envsubst|system)\b/,
  },
  xmllint: { long: ["output", "shell", "load-trace", "catalogs"], short: "o" },
  fzf: { long: list(`preview bind become with-shell listen`) },
  ack: { long: ["pager", "output", "ackrc"] },
  ag: { long: ["pager"] },
  bat: { long: ["pager", "config-file"] },
  openssl: { text: /^-(?:out|engine|provider|config|writerand|keyout|passout)/ },
  cpio: { long: ["rsh-command", "file"], short: "FO" },
  find: {
    single: list(`-exec -execdir -ok -okdir -delete -fprint -fprint0 -fprintf -fls`),
  },
  fd: { long: ["exec", "exec-batch"], short: "xX" },
  rg: { long: ["pre", "hostname-bin", "search-zip"], short: "z" },
  tar: {
    long: list(`to-command checkpoint-action use-compress-program rsh-command info-script new-volume-script
      absolute-names rmt-command index-file`),
    short: "IFP",
    first: /^[A-Za-z]*[IFP][A-Za-z]*$/,
  },
  rsync: {
    long: list(`rsh rsync-path daemon config remote-option log-file temp-dir backup-dir partial-dir write-batch
      only-write-batch files-from`),
    short: "eMT",
  },
  ssh: { short: "oFJELRDSWw" },
  scp: { short: "oFSJD" },
  sftp: { short: "oFSJDbP" },
  curl: {
    long: list(`output remote-name remote-name-all config upload-file data data-ascii form-string url-query variable
      preproxy socks4 socks5 socks5-hostname proxy1.0 alt-svc ssl-sessions trace-ascii data-binary
      data-raw data-urlencode form proxy unix-socket output-dir cookie-jar dump-header trace request json
      engine libcurl stderr hsts etag-save write-out`),
    short: "oOKTdFxXcDJw",
  },
  wget: {
    long: list(`output-document use-askpass input-file post-file post-data execute config output-file append-output
      body-file method directory-prefix save-cookies warc-file warc-tempdir rejected-log hsts-file`),
    short: "OieoaP",
  },
  sort: { long: ["output", "compress-program", "files0-from", "temporary-directory"], short: "oT" },
  sed: { long: ["in-place", "file", "expression"], short: "ief" },
  awk: {
    text: /system|\||>|getline|@/,
    short: "filEvdpoDW",
    long: list(`file include load exec dump-variables profile pretty-print debug assign`),
  },
  make: {
    long: list(`file makefile directory eval include-dir`),
    short: "fCIE",
    text: /^[A-Za-z_]\w*[:?+!]*=/,
  },
  cargo: {
    long: list(`config manifest-path target-dir artifact-dir out-dir config-path fix registry index`),
    short: "ZC",
    words: list(`install publish login yank owner init new fix`),
    text: /^\+/,
  },
  go: {
    single:
      list(`-exec -toolexec -vettool -o -overlay -modfile -ldflags -gcflags -C -asmflags -gccgoflags -compiler
      -pkgdir -coverprofile -cpuprofile -memprofile -blockprofile -mutexprofile -trace -outputdir -c`),
    words: ["env", "generate", "install", "tool"],
  },
  pip: {
    long: list(`index-url extra-index-url target prefix root editable global-option config-settings find-links
      python src`),
    short: "iteft",
    words: ["config"],
  },
  pytest: {
    long: list(`rootdir confcutdir override-ini basetemp import-mode pdbcls junitxml junit-xml log-file report-log
      debug cov-config cov-report pastebin pythonwarnings tx px dist`),
    short: "pcoW",
  },
  vitest: TEST_RUNNER,
  jest: TEST_RUNNER,
  mocha: TEST_RUNNER,
  playwright: TEST_RUNNER,
  eslint: {
    long: list(`config rulesdir plugin resolve-plugins-relative-to format output-file parser fix cache-location
      cache-file init`),
    short: "cfo",
  },
  prettier: { long: list(`plugin plugin-search-dir config write cache-location`), short: "w" },
  tsc: {
    long: list(`project outDir outFile build rootDir declarationDir tsBuildInfoFile generateTrace generateCpuProfile
      init watch`),
    single: list(`-outDir -outFile -project -declarationDir -tsBuildInfoFile -init -build`),
    short: "pbwd",
  },
  man: { long: ["pager", "html", "preprocessor", "config-file"], short: "PHpC" },
  less: {
    long: list(`log-file LOG-FILE lesskey-file lesskey-src lesskey-content`),
    short: "oOkK",
    text: /^\+/,
  },
  vim: VIM,
  ed: { text: /^/ },
  env: { short: "S", long: ["split-string"] },
  jq: { long: ["from-file", "library-path"], short: "fL" },
  split: { long: ["filter"] },
  zip: { short: "T", long: ["unzip-command"], single: ["-TT"] },
  tcpdump: { short: "zw" },
  docker: { short: "vH", long: list(`privileged volume mount host context`) },
  printf: { short: "v" },
  date: { short: "s", long: ["set"] },
  tee: { text: /^\/(?!dev\/null$)/ },
};

export const SAME: Readonly<Record<string, string>> = {
  gawk: "awk",
  mawk: "awk",
  nawk: "awk",
  pip3: "pip",
  gmake: "make",
  egrep: "grep",
  nvim: "vim",
  gsed: "sed",
  vi: "vim",
  ex: "vim",
  view: "vim",
  rvim: "vim",
  rview: "vim",
  gvim: "vim",
  vimdiff: "vim",
  luajit: "lua",
  cc: "gcc",
  "g++": "gcc",
  "clang++": "clang",
  "c++": "gcc",
  gtar: "tar",
  bsdtar: "tar",
  mvnw: "mvn",
  gradlew: "gradle",
  pytest3: "pytest",
  "py.test": "pytest",
  gfind: "find",
  nodejs: "node",
  bunx: "npx",
  "ts-node-esm": "ts-node",
};
