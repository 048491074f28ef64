/**
 * Rules for clients as an operator writes them, in the language of tcprules (spec §10.2). A rule is `ADDRESS:allow` or
 * `ADDRESS:deny`, then `,NAME="value"` for each variable, where any other byte may stand for the quotes.
 *
 * Besides what tcprules takes, ADDRESS may hold colons: an IPv6 address, prefix or network.
 */
import { Trouble } from '@yabumi/trouble'
import type { Rule } from './rule.ts'

/**
 * Read the text of a file of rules, a byte string.
 *
 * @returns the rules by key; if a key has several the first counts, as in a cdb
 * @throws Trouble 4.3.5 that shows the first line that is no rule: with half of its rules a server might let in whom it must not
 */
export function parseRules(text: string): Map<string, Rule> {
  const rules = new Map<string, Rule>()
  for (const line of text.split('\n')) {
    const trimmed = line.trimEnd()
    if (trimmed === '' || trimmed[0] === '#') continue
    const [, address, verdict, list = ''] = /^(.*?):(allow|deny)((?:,.*)?)$/.exec(trimmed) ?? []
    const variables = parseVariables(list)
    if (address === undefined || variables === undefined) throw malformed(line)
    const rule = { denies: verdict === 'deny', variables }
    for (const key of keysOf(address, line)) if (!rules.has(key)) rules.set(key, rule)
  }
  return rules
}

/** `,A="x",B=!y!`; undefined for anything else. */
function parseVariables(list: string): [name: string, value: string][] | undefined {
  const variables: [string, string][] = []
  for (let rest = list; rest !== ''; ) {
    const [all, name, , value] = /^,([^=]*)=(.)(.*?)\2/.exec(rest) ?? []
    if (all === undefined || name === undefined || value === undefined) return undefined
    variables.push([name, value])
    rest = rest.slice(all.length)
  }
  return variables
}

/** The keys that an address stands for: `192.0.2.1-3` for three. */
function keysOf(address: string, line: string): string[] {
  if (address === '' || address[0] === '=' || address.includes('@')) return [address]
  const [, before = '', first, last, behind = ''] = /^((?:[0-9]+\.)*)([0-9]+)-([0-9]+)((?:\..*)?)$/.exec(address) ?? []
  if (first === undefined) {
    if (!/^[0-9A-Fa-f.:]+(?:\/[0-9]{1,3})?$/.test(address)) throw malformed(line)
    return [address]
  }
  const numbers = Array.from({ length: 256 }, (_, number) => number).filter((number) => number >= Number(first) && number <= Number(last))
  return numbers.map((number) => `${before}${number}${behind}`)
}

function malformed(line: string): Trouble {
  return new Trouble('4.3.5', `this line is no rule: ${line}`)
}
