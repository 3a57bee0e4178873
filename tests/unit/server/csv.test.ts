import { expect, test } from "vitest";
import { csvOf } from "#server/http/csv.ts";

test("quotes what CSV would misread, and disarms what a spreadsheet would carry out", () => {
  expect(
    csvOf([
      ["a", null, 'say "hi", all', "two\nlines"],
      ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx"],
    ]),
  ).toBe(`a,,"say ""hi"", all","two\nlines"\r\n'=HYPERLINK(1),'+1,-1,'@x,'\tx\r\n`);
});
