import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS } from "#domain/limits.ts";
import { singleton } from "../singleton.ts";

/** Guesses below which a password is too easy: a million (zxcvbn's score 1) are made in minutes even over a network. */
const LEAST_SCORE = 2;

const estimator = () =>
  singleton("password-estimator", () => new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs }));

/**
 * Why a password is not taken; null where it is. Common passwords, sequences, repetitions and what is made of the
 * person's own name and address are known by zxcvbn's lists: https://github.com/zxcvbn-ts/zxcvbn
 * @param own words that an attacker knows of the person
 */
export function passwordFault(password: string, own: readonly string[]): string | null {
  if (password.length < MIN_PASSWORD_CHARS)
    return `Use a password with at least ${MIN_PASSWORD_CHARS} characters.`;
  if (password.length > MAX_PASSWORD_CHARS)
    return `Use a password with at most ${MAX_PASSWORD_CHARS} characters.`;
  const words = own
    .flatMap((text) => {
      const parts = text.split(/[^\p{L}\p{N}]+/u);
      return [text, parts.join(""), ...parts];
    })
    .filter((word) => word !== "");
  if (estimator().check(password, words.slice(0, 20)).score >= LEAST_SCORE) return null;
  return "This password is easy to guess: it's common, a pattern, or based on your name or email. Choose another one.";
}
