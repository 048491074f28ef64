/** Numbers in what a host offers with EHLO (RFC 5321 §4.1.1.1). */

/** What a host can, by its answer to EHLO: keywords in capitals, each with what follows it. */
export type Capabilities = ReadonlyMap<string, string>

/** The number that a keyword has, or one of its parameters: `SIZE 1000`, `LIMITS RCPTMAX=100`; undefined without it. */
export function numberOffered(capabilities: Capabilities, keyword: string, parameter = ''): number | undefined {
  const word = (capabilities.get(keyword) ?? '').split(' ').find((word) => word.toUpperCase().startsWith(parameter))
  const digits = /^[0-9]{1,20}$/.exec(word?.slice(parameter.length) ?? '')
  return digits === null ? undefined : Number(digits[0])
}
