import type { Value } from "convex/values";
import { compareKeys, encodeKey } from "../storage/keys.ts";
import { decodeOptional, fieldAt, textOf, type Document, type Json } from "./json.ts";

type Operand = Value | undefined;

function compare(a: Operand, b: Operand): number {
  return compareKeys(encodeKey([a]), encodeKey([b]));
}

const COMPARISONS: Record<string, (order: number) => boolean> = {
  $eq: (order) => order === 0,
  $neq: (order) => order !== 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
};

function arithmetic(op: string, a: Operand, b: Operand): Value {
  if (typeof a === "number" && typeof b === "number") {
    if (op === "$add") return a + b;
    if (op === "$sub") return a - b;
    if (op === "$mul") return a * b;
    if (op === "$div") return a / b;
    if (op === "$mod") return a % b;
  }
  if (typeof a === "bigint" && typeof b === "bigint") {
    if (op === "$add") return a + b;
    if (op === "$sub") return a - b;
    if (op === "$mul") return a * b;
    if (op === "$div") return a / b;
    if (op === "$mod") return a % b;
  }
  throw new Error(`The filter's ${op.slice(1)} needs two numbers of the same type.`);
}

/** A filter expression (what `filter(q => …)` builds), evaluated on one document. */
export function evaluate(document: Document, expression: Json): Operand {
  if (expression === null || typeof expression !== "object" || Array.isArray(expression)) {
    return decodeOptional(expression);
  }
  const [op, argument] = Object.entries(expression)[0] ?? [];
  if (op === undefined || argument === undefined) throw new Error("A filter's expression is empty.");
  if (op === "$literal") return decodeOptional(argument);
  if (op === "$field") return fieldAt(document, textOf(argument));
  if (op === "$not") return evaluate(document, argument) !== true;
  if (op === "$neg") {
    const value = evaluate(document, argument);
    if (typeof value !== "number" && typeof value !== "bigint")
      throw new Error("The filter's neg needs a number.");
    return -value;
  }
  const operands = argument as Json[];
  if (op === "$and") return operands.every((operand) => evaluate(document, operand) === true);
  if (op === "$or") return operands.some((operand) => evaluate(document, operand) === true);
  const left = evaluate(document, operands[0] ?? null);
  const right = evaluate(document, operands[1] ?? null);
  const comparison = COMPARISONS[op];
  return comparison ? comparison(compare(left, right)) : arithmetic(op, left, right);
}
