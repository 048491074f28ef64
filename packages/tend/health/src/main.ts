/**
 * Say in one line whether the system is well: health [--messages N,N] ...
 *
 * Out     descriptor 1: `OK: ...`, `WARNING: ...`, `CRITICAL: ...` or `UNKNOWN: ...`, and figures after a bar
 * Exit    0 to 3, in that order; 100 for wrong arguments
 */
import { resolve } from 'node:path'
import { run, say, toolLine } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import { enterHome } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'
import { lookAround } from './facts.ts'
import { type AllBounds, type Bounds, levelNames, verdictOf } from './verdict.ts'

const usual: AllBounds = { messages: [1000, 10_000], oldest: [86_400, 432_000], waiting: [300, 3600], room: [10, 3], certificate: [14, 3] }
const names = Object.keys(usual) as (keyof AllBounds)[]
const unknown = 3

void run('health', async () => {
  const bounds = await boundsAsked()
  process.exitCode = unknown
  try {
    enterHome()
    const { level, line } = verdictOf(await lookAround(), bounds, nowSeconds())
    say(`${line}\n`)
    process.exitCode = level
  } catch (error) {
    const { path } = error as NodeJS.ErrnoException
    say(`${levelNames[unknown]}: ${path === undefined ? '' : `${resolve(path)}: `}${errorText(error)}\n`)
  }
})

/** @throws Trouble 5.5.4 for one that makes no sense */
async function boundsAsked(): Promise<AllBounds> {
  let line = await toolLine('health', names.map((name) => `[--${name} N,N]`).join(' '))
  for (const name of names)
    line = line.option(name, {
      type: 'string',
      requiresArg: true,
      describe: `a warning from the first, critical from the second (${usual[name].join(',')})`,
    })
  const options = line.parseSync()
  if (options._.length > 0) throw new Trouble('5.5.4', 'it takes options only')
  return Object.fromEntries(names.map((name) => [name, boundsOf(name, options[name] as string | undefined)])) as unknown as AllBounds
}

function boundsOf(name: keyof AllBounds, text: string | undefined): Bounds {
  if (text === undefined) return usual[name]
  const [, warning, critical] = /^(\d+),(\d+)$/.exec(text) ?? []
  if (warning === undefined || critical === undefined)
    throw new Trouble('5.5.4', `--${name} takes two numbers and a comma between them, not ${text}`)
  return [Number(warning), Number(critical)]
}
