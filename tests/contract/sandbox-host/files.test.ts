import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import { FileNotFoundError, FilesystemEventType, FileType, InvalidArgumentError, type Sandbox } from "e2b";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, HostProcess, temporaryFolder } from "./host-process.ts";

const temporary = temporaryFolder();
let host: HostProcess;
let sandbox: Sandbox;

beforeAll(async () => {
  host = await HostProcess.start(path.join(temporary.folder, "data"));
  sandbox = await host.create();
});

afterAll(async () => {
  await host?.stop();
  temporary.remove();
});

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test("write and read: text, bytes, several, empty, relative to home", async () => {
  const written = await sandbox.files.write("notes/ä b.txt", "grüße");
  expect(written).toMatchObject({ path: "/home/user/notes/ä b.txt", name: "ä b.txt", type: "file" });
  expect(await sandbox.files.read("/home/user/notes/ä b.txt")).toBe("grüße");
  expect(await sandbox.files.read("~/notes/ä b.txt")).toBe("grüße");
  await sandbox.files.write("notes/ä b.txt", "shorter");
  expect(await sandbox.files.read("notes/ä b.txt")).toBe("shorter");
  await sandbox.files.write("empty", "");
  expect(await sandbox.files.read("empty")).toBe("");
  const several = await sandbox.files.writeFiles([
    { path: "/workspace/one", data: "1" },
    { path: "/workspace/deep/two", data: new Blob(["2"]) },
  ]);
  expect(several.map((f) => f.path)).toEqual(["/workspace/one", "/workspace/deep/two"]);
  expect(await sandbox.files.read("/workspace/deep/two")).toBe("2");
});

test("30 MB as octet-stream, as multipart and gzipped are the same bytes", async () => {
  const bytes = randomBytes(30_000_000);
  const data = new Blob([bytes]);
  await sandbox.files.write("/workspace/octet", data, { useOctetStream: true });
  await sandbox.files.write("/workspace/multipart", data);
  await sandbox.files.write("/workspace/gzip", data, { gzip: true });
  const { stdout } = await sandbox.commands.run("sha256sum octet multipart gzip | cut -d' ' -f1", {
    cwd: "/workspace",
  });
  expect(new Set(stdout.trim().split("\n"))).toEqual(new Set([sha(bytes)]));
  expect(sha(await sandbox.files.read("/workspace/octet", { format: "bytes" }))).toBe(sha(bytes));
  expect(sha(await sandbox.files.read("/workspace/octet", { format: "bytes", gzip: true }))).toBe(sha(bytes));
}, 60_000);

test("a large form is stored as it arrives, and never held as a whole", async () => {
  const size = 200_000_000;
  await sandbox.files.write("/workspace/large", new Blob([Buffer.alloc(size, "x")]));
  const { stdout } = await sandbox.commands.run(
    "stat -c %s large; grep VmHWM /proc/2/status | tr -dc 0-9; rm large",
    { cwd: "/workspace" },
  );
  const [stored, mostKilobytes] = stdout.split("\n").map(Number);
  expect(stored).toBe(size);
  expect(mostKilobytes).toBeGreaterThan(1_000);
  expect(mostKilobytes).toBeLessThan(180_000);
}, 60_000);

test("metadata stays with a file wherever it goes, until the file is written again", async () => {
  const metadata = { author: "mira", "x-note": "a b" };
  expect((await sandbox.files.write("/workspace/noted", "1", { metadata })).metadata).toEqual(metadata);
  expect((await sandbox.files.getInfo("/workspace/noted")).metadata).toEqual(metadata);
  // To another mount, where a rename is a copy.
  expect((await sandbox.files.rename("/workspace/noted", "/tmp/noted")).metadata).toEqual(metadata);
  const [listed] = (await sandbox.files.list("/tmp")).filter((entry) => entry.name === "noted");
  expect(listed?.metadata).toEqual(metadata);
  await sandbox.files.write("/tmp/noted", "2");
  expect((await sandbox.files.getInfo("/tmp/noted")).metadata).toBeUndefined();
});

test("list, info, exists, mkdir, rename, remove", async () => {
  expect(await sandbox.files.makeDir("/workspace/tree/branch")).toBe(true);
  expect(await sandbox.files.makeDir("/workspace/tree/branch")).toBe(false);
  await sandbox.files.write("/workspace/tree/leaf", "green");
  await sandbox.commands.run("ln -s leaf /workspace/tree/link; chmod 640 /workspace/tree/leaf");
  const entries = await sandbox.files.list("/workspace/tree");
  expect(entries.map((e) => [e.name, e.type])).toEqual([
    ["branch", FileType.DIR],
    ["leaf", FileType.FILE],
    ["link", FileType.FILE],
  ]);
  expect((await sandbox.files.list("/workspace", { depth: 2 })).map((e) => e.path)).toContain(
    "/workspace/tree/leaf",
  );
  expect(await sandbox.files.getInfo("/workspace/tree/leaf")).toMatchObject({
    size: 5,
    mode: 0o640,
    permissions: "-rw-r-----",
    owner: "user",
    group: "user",
  });
  expect((await sandbox.files.getInfo("/workspace/tree/link")).symlinkTarget).toBe("/workspace/tree/leaf");
  expect((await sandbox.files.rename("/workspace/tree/leaf", "/tmp/moved/leaf")).path).toBe(
    "/tmp/moved/leaf",
  );
  expect(await sandbox.files.exists("/workspace/tree/leaf")).toBe(false);
  expect(await sandbox.files.read("/tmp/moved/leaf")).toBe("green");
  await sandbox.files.remove("/workspace/tree");
  expect(await sandbox.files.exists("/workspace/tree")).toBe(false);
});

test("errors have the SDK's classes", async () => {
  await expect(sandbox.files.read("/no/such")).rejects.toThrow(FileNotFoundError);
  await expect(sandbox.files.getInfo("/no/such")).rejects.toThrow(FileNotFoundError);
  await expect(sandbox.files.list("/no/such")).rejects.toThrow(FileNotFoundError);
  await expect(sandbox.files.read("/workspace")).rejects.toThrow(InvalidArgumentError);
  await expect(sandbox.files.write("/workspace", "x")).rejects.toThrow(InvalidArgumentError);
  await expect(sandbox.files.list("/etc/passwd")).rejects.toThrow(InvalidArgumentError);
  await expect(sandbox.files.write("/usr/bin/true", "x")).rejects.toThrow(/EROFS|EACCES/);
});

test("links and dots lead nowhere but into the sandbox's own files", async () => {
  await sandbox.commands.run("ln -s /etc/shadow shadow; ln -s ../../../../../etc/hostname up");
  await expect(sandbox.files.read("shadow")).rejects.toThrow(FileNotFoundError);
  expect(await sandbox.files.read("up")).toBe("sandbox\n");
  expect(await sandbox.files.read("../../../../etc/hostname")).toBe("sandbox\n");
});

test("watching a folder", async () => {
  await sandbox.files.makeDir("/workspace/watched");
  const seen: string[] = [];
  const watch = await sandbox.files.watchDir(
    "/workspace/watched",
    (event) => void seen.push(`${event.type} ${event.name}`),
  );
  await sandbox.files.write("/workspace/watched/new", "x");
  await eventually("the file was reported", () => seen.includes(`${FilesystemEventType.CREATE} new`));
  await sandbox.files.remove("/workspace/watched/new");
  await eventually("its removal was reported", () => seen.includes(`${FilesystemEventType.REMOVE} new`));
  await watch.stop();
  await expect(sandbox.files.watchDir("/no/such", () => undefined)).rejects.toThrow(FileNotFoundError);
});

test("signed URLs work without a token, and only as signed", async () => {
  await sandbox.files.write("/workspace/signed", "for you");
  const get = async (url: string) => {
    const { pathname, search } = new URL(url);
    const response = await host.fetchPort(sandbox, 49_983, pathname + search);
    return { status: response.status, body: await response.text() };
  };
  const url = await sandbox.downloadUrl("/workspace/signed");
  expect(await get(url)).toEqual({ status: 200, body: "for you" });
  expect((await get(url.replace("signed", "other"))).status).toBe(401);
  expect((await get(url.replace("v1_", "v1_x"))).status).toBe(401);
  const late = await sandbox.downloadUrl("/workspace/signed", { useSignatureExpiration: -1 });
  expect((await get(late)).status).toBe(401);
  const form = new FormData();
  form.append("file", new Blob(["up"]), "ignored");
  const target = new URL(await sandbox.uploadUrl("/workspace/uploaded", { useSignatureExpiration: 60 }));
  const upload = await host.fetchPort(sandbox, 49_983, target.pathname + target.search, {
    method: "POST",
    body: form,
  });
  expect(upload.status).toBe(200);
  expect(await sandbox.files.read("/workspace/uploaded")).toBe("up");
});

test("envd refuses who has no token", async () => {
  const response = await host.fetchPort(sandbox, 49_983, "/files?path=/etc/passwd");
  expect(response.status).toBe(401);
  const rpc = await host.fetchPort(sandbox, 49_983, "/process.Process/List", {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  expect(rpc.status).toBe(401);
  const init = await host.fetchPort(sandbox, 49_983, "/init", {
    method: "POST",
    body: '{"accessToken":"mine"}',
  });
  expect(init.status).toBe(409);
});
