/**
 * What yargs and cliui ask of the platform, in the place of their own (yargs: lib/platform-shims/esm.mjs):
 * packages/workshop/build puts it there.
 *
 * Theirs loads node:assert, opens descriptor 1 to know its width, and makes an Intl.Segmenter to know how wide a text
 * is. Together that is twice a start of Node. What our programs say to `--help` is English, a column a character. How
 * wide the terminal is nobody asks before that.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { format, inspect } from 'node:util'

/** @param Parser - package yargs-parser, @param cliui - package cliui: of the versions that yargs wants */
export function platform(Parser: unknown, cliui: unknown): unknown {
  return {
    assert: { notStrictEqual: asserting((a, b) => a !== b), strictEqual: asserting((a, b) => a === b) },
    ...{ cliui, Parser, inspect, readFileSync, readdirSync, stringWidth },
    path: { basename, dirname, extname, relative, resolve, join },
    process: {
      argv: () => process.argv,
      cwd: () => process.cwd(),
      emitWarning: (warning: string, type: string) => process.emitWarning(warning, type),
      execPath: () => process.execPath,
      exit: (code: number) => process.exit(code),
      nextTick: process.nextTick,
      get stdColumns() {
        return process.stdout.columns ?? null
      },
    },
    getEnv: (name: string) => process.env[name],
    getProcessArgvBin: () => process.argv[1],
    y18n: {
      __: format,
      __n: (one: string, many: string, count: number, ...more: unknown[]) => format(count === 1 ? one : many, ...more),
      setLocale: () => undefined,
    },
  }
}

/** As node:assert, which throws. */
function asserting(holds: (a: unknown, b: unknown) => boolean): (a: unknown, b: unknown, message?: string) => void {
  return (a, b, message) => {
    if (!holds(a, b)) throw new Error(message)
  }
}

export function stringWidth(text: string): number {
  return text.length
}

export function stripAnsi(text: string): string {
  return text
}

/** Break each line at blanks, so that it has at most `width` characters where its words allow that; blanks at its beginning stay. */
export function wrapAnsi(text: string, width: number): string {
  const wrap = (line: string): string => {
    const lines: string[] = []
    for (const word of line.trimEnd().split(' ')) {
      const last = lines.at(-1)
      if (last === undefined || (last.trim() !== '' && last.length + 1 + word.length > width)) lines.push(word)
      else lines[lines.length - 1] = `${last} ${word}`
    }
    return lines.join('\n')
  }
  return text.split('\n').map(wrap).join('\n')
}
