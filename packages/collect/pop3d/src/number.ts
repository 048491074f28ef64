/**
 * The decimal number that a text starts with, as the reference reads it (spec §0.4): digits only, wrapping at 64 bits.
 *
 * @returns undefined if the text does not start with a digit
 */
export function numberAt(text: string): number | undefined {
  const digits = /^[0-9]+/.exec(text)?.[0]
  if (digits === undefined) return undefined
  return digits.length < 16 ? Number(digits) : Number(BigInt.asUintN(64, BigInt(digits)))
}
