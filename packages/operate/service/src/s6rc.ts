/**
 * Source directories for s6-rc-compile, made of service directories for s6.
 *
 * A definition says by files how it hangs together with others. `producer-for` and `consumer-for` join a program and
 * its logger; `dependencies.d/` names what must be up before. One set of definitions is for the whole machine, so each
 * name begins with `yabumi-`, and the bundle `yabumi` is all of them.
 */
import type { ServiceFile } from './write.ts'

const prefix = 'yabumi-'

/** What must be ready before: programs that write to queue/, and those that ask who somebody is. */
const needs: ReadonlyMap<string, readonly string[]> = new Map([
  ['send', ['queue']],
  ['smtpd', ['queue', 'recipientd']],
  ['submission', ['queue', 'recipientd', 'authd']],
  ['pop3', ['authd']],
  ['imap', ['authd']],
  ['authd', ['sessiond']],
])

/** The name of a program's definition. */
export function definitionOf(service: string): string {
  return `${prefix}${service}`
}

/** The name of its logger's. */
export function loggerOf(service: string): string {
  return `${prefix}${service}-log`
}

/** @param files - of the service directories, `NAME/FILE` and `NAME/log/FILE` */
export function sourceFiles(files: readonly ServiceFile[]): ServiceFile[] {
  const names = [...new Set(files.map(({ path }) => path.slice(0, path.indexOf('/'))))]
  const moved = files.map((file) => ({
    ...file,
    path: file.path.replace(/^([^/]+)\/(log\/)?/, (_, name, log) => `${log ? loggerOf(name) : definitionOf(name)}/`),
  }))
  return [
    ...moved,
    ...names.flatMap(joints),
    text('yabumi/type', 'bundle\n'),
    ...names.map((name) => text(`yabumi/contents.d/${pipelineOf(name)}`, '')),
  ]
}

function joints(name: string): ServiceFile[] {
  const [program, logger] = [definitionOf(name), loggerOf(name)]
  return [
    text(`${program}/type`, 'longrun\n'),
    text(`${program}/producer-for`, `${logger}\n`),
    ...(needs.get(name) ?? []).map((other) => text(`${program}/dependencies.d/${definitionOf(other)}`, '')),
    text(`${logger}/type`, 'longrun\n'),
    text(`${logger}/consumer-for`, `${program}\n`),
    text(`${logger}/pipeline-name`, `${pipelineOf(name)}\n`),
  ]
}

/** A program with its logger. */
function pipelineOf(name: string): string {
  return `${prefix}${name}-pipeline`
}

function text(path: string, content: string): ServiceFile {
  return { path, text: content, executable: false }
}
