"use client";

import { call } from "./api.ts";

export type { ShownLogin } from "#contracts/command-login.ts";

/** Confirms or declines a login of the `struere` command. */
export const decideLogin = async (code: string, approve: boolean) =>
  await call("POST /api/v1/command-logins/{code}/decision", { params: { code }, body: { approve } });
