"use client";

import { useFormat } from "#client/locale.tsx";

/** How many there are, as far as they were counted. */
export function Counted({ of: { count, isMore } }: { of: { count: number; isMore: boolean } }) {
  return (
    <>
      {useFormat().count(count)}
      {isMore && "+"}
    </>
  );
}

/** An amount to the cent. */
export function Dollars({ microUsd }: { microUsd: number }) {
  return <>{useFormat().amount(microUsd)}</>;
}
