/**
 * What a program was told: its name, arguments and environment as bytes, options in qmail's and in GNU style.
 *
 * Mail addresses are bytes, Node's process.argv is UTF-8. Everything here that carries bytes is a "byte string": a
 * string whose characters are the bytes 0 to 255 (latin1).
 *
 * A launcher hands its own name ($0) as the first argument, so that a program knows how it was called.
 */
import { readFileSync } from 'node:fs'
import { exitCode, Trouble } from '@yabumi/trouble'
import type { Argv } from 'yargs'
import { calledName } from './called.ts'
import { complain } from './complain.ts'
import { WithoutOptions } from './withoutoptions.ts'

export { calledName, invokedAs } from './called.ts'
export { complain } from './complain.ts'
export { Getopt } from './getopt.ts'
export type { Introduction } from './introduction.ts'
export { announceReady, descriptorNumber, readyDescriptor } from './ready.ts'
export { say } from './say.ts'
export { runTool, UsageTrouble } from './tool.ts'

const replacement = '\ufffd' // what Node puts in place of bytes that are no UTF-8

/** The arguments after the program's name, as byte strings. */
export function byteArguments(): string[] {
  const args = process.argv.slice(3)
  if (!args.some((arg) => arg.includes(replacement))) return args.map(utf8ToBytes)
  return args.length === 0 ? [] : procRecords('/proc/self/cmdline').slice(-args.length)
}

let environment: Map<string, string> | undefined

/** The environment as byte strings; read once. */
export function byteEnvironment(): ReadonlyMap<string, string> {
  if (environment === undefined) {
    const pairs = Object.entries(process.env) as [string, string][]
    environment = pairs.some(([, value]) => value?.includes(replacement) ?? true) // Bun says undefined for a TZ that is empty
      ? new Map(
          procRecords('/proc/self/environ').map((record): [string, string] => {
            const equals = record.indexOf('=')
            return [record.slice(0, equals), record.slice(equals + 1)]
          }),
        )
      : new Map(pairs.map(([name, value]) => [name, utf8ToBytes(value)]))
  }
  return environment
}

/** A variable that must be set. @throws Trouble 5.3.5 if it is not */
export function required(environment: ReadonlyMap<string, string>, name: string): string {
  const value = environment.get(name)
  if (value === undefined) throw new Trouble('5.3.5', `${name} not set`)
  return value
}

function utf8ToBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function procRecords(path: string): string[] {
  return readFileSync(path).toString('latin1').split('\0').slice(0, -1)
}

/** Do a program's work; an error becomes one line on descriptor 2, which begins with the name it was called by, and the exit code. */
export async function run(name: string, work: () => Promise<void> | void): Promise<void> {
  try {
    await work()
  } catch (error) {
    complain(`${calledName(name)}: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = exitCode(error)
  }
}

/**
 * Options in GNU style, for the programs that qmail does not have. Loaded late: yargs costs 7 ms of a start.
 *
 * Addresses are neither numbers nor lists, so yargs is told to leave arguments as they are. Anything it does not
 * know ends the program with one line on descriptor 2 and exit code 100.
 *
 * @param optionsEnd - a program whose arguments are another command line ends its own options before them
 */
export async function commandLine(name: string, usage: string, optionsEnd: 'nowhere' | 'at the first argument' = 'nowhere'): Promise<Argv> {
  const { default: yargs } = await import('yargs')
  const called = calledName(name)
  return yargs(process.argv.slice(3))
    .scriptName(called)
    .usage(`$0 ${usage}`)
    .strictOptions()
    .version(false)
    .detectLocale(false)
    .parserConfiguration({
      'parse-positional-numbers': false,
      'duplicate-arguments-array': true,
      'boolean-negation': false,
      'dot-notation': false,
      'camel-case-expansion': false, // an unknown option would be named twice
      'greedy-arrays': false,
      'halt-at-non-option': optionsEnd === 'at the first argument',
    })
    .fail((problem: string, error: Error | undefined) => {
      complain(`${called}: ${problem ?? error?.message}; see ${called} --help`)
      process.exit(100) // yargs would go on otherwise
    })
}

/**
 * commandLine() for a tool whose options may all be left out: where they are, yargs is not loaded. What it returns has option() and parseSync() only.
 */
export async function toolLine(name: string, usage: string): Promise<Argv> {
  const words = process.argv.slice(3)
  return words.some((word) => word.startsWith('-')) ? commandLine(name, usage) : (new WithoutOptions(words) as unknown as Argv)
}
