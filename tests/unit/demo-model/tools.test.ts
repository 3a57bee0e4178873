import { describe, expect, test } from "vitest";
import type { OfferedTool } from "#demo-model/conversation.ts";
import { toolCallFor } from "#demo-model/tools.ts";

const tool = (name: string, properties: string[], required = properties): OfferedTool => ({
  name,
  properties,
  required,
});
const write = { kind: "write", path: "a", content: "b" } as const;
const edit = { kind: "edit", path: "a", before: "b", after: "c" } as const;
const run = { kind: "run", command: "ls" } as const;
const read = { kind: "read", path: "a" } as const;
const list = { kind: "list", path: undefined } as const;

describe("tool calls", () => {
  test("take OpenCode's names and arguments", () => {
    const tools = [
      tool("bash", ["command", "timeout", "workdir", "description"], ["command", "description"]),
      tool("read", ["filePath", "offset", "limit"], ["filePath"]),
      tool("glob", ["pattern", "path"], ["pattern"]),
      tool(
        "edit",
        ["filePath", "oldString", "newString", "replaceAll"],
        ["filePath", "oldString", "newString"],
      ),
      tool("write", ["content", "filePath"]),
    ];
    expect(toolCallFor(write, tools)).toEqual({ name: "write", args: { filePath: "a", content: "b" } });
    expect(toolCallFor(edit, tools)).toEqual({
      name: "edit",
      args: { filePath: "a", oldString: "b", newString: "c" },
    });
    expect(toolCallFor(run, tools)).toEqual({ name: "bash", args: { command: "ls", description: "Run ls" } });
    expect(toolCallFor(read, tools)).toEqual({ name: "read", args: { filePath: "a" } });
    expect(toolCallFor(list, tools)).toEqual({ name: "glob", args: { pattern: "**/*" } });
    expect(toolCallFor({ kind: "list", path: "src" }, tools)?.args).toEqual({ pattern: "**/*", path: "src" });
  });

  test("take other agents' names and arguments", () => {
    expect(toolCallFor(write, [tool("Write", ["file_path", "content"])])?.args).toEqual({
      file_path: "a",
      content: "b",
    });
    expect(toolCallFor(write, [tool("create_file", ["path", "text"])])?.args).toEqual({
      path: "a",
      text: "b",
    });
    expect(toolCallFor(edit, [tool("fs_patch", ["path", "old_str", "new_str"])])?.name).toBe("fs_patch");
    expect(toolCallFor(list, [tool("LS", ["path"], [])])).toEqual({ name: "LS", args: {} });
    expect(toolCallFor({ kind: "list", path: "it's" }, [tool("shell", ["cmd"])])?.args).toEqual({
      cmd: String.raw`ls -la 'it'\''s'`,
    });
  });

  test("prefer the name to the schema", () => {
    const tools = [tool("upload", ["path", "content"]), tool("write", ["path", "content"])];
    expect(toolCallFor(write, tools)?.name).toBe("write");
  });

  test("need a tool whose every required argument is known", () => {
    expect(toolCallFor(write, [])).toBeUndefined();
    expect(toolCallFor(write, [tool("write", ["path", "content", "mode"])])).toBeUndefined();
    expect(toolCallFor(write, [tool("edit", ["path", "old_str", "new_str"])])).toBeUndefined();
    expect(toolCallFor(read, [tool("delete", ["path"])])).toBeUndefined();
    expect(toolCallFor(run, [tool("str_replace_based_edit_tool", ["command", "path"])])).toBeUndefined();
  });
});

describe("a subagent and a plan", () => {
  test("take OpenCode's names and arguments", () => {
    const tools = [
      tool("task", ["description", "prompt", "subagent_type"]),
      tool("todowrite", ["todos"]),
      tool("todoread", [], []),
    ];
    expect(toolCallFor({ kind: "task", text: "run `ls` and say what is there" }, tools)).toEqual({
      name: "task",
      args: {
        description: "run `ls` and say what",
        prompt: "run `ls` and say what is there",
        subagent_type: "general",
      },
    });
    expect(toolCallFor({ kind: "todo", items: ["look", "write"] }, tools)).toEqual({
      name: "todowrite",
      args: {
        todos: [
          { content: "look", status: "in_progress", priority: "medium" },
          { content: "write", status: "pending", priority: "medium" },
        ],
      },
    });
    expect(toolCallFor({ kind: "task", text: "x" }, [tool("bash", ["command"])])).toBeUndefined();
  });
});
