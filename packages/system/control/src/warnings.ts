/**
 * What is odd about a control file and stops nobody: a line that does not count, a mark that an editor has put in
 * front.
 *
 * A program that has a log, or shows settings, listens; without a listener nothing is looked for. Each warning comes
 * once, and again after the file has changed.
 */

/** @param warning - names file and line: `control/me line 1: ...`. @param file - its name in control/ */
export type WarningListener = (warning: string, file: string) => void

let tell: WarningListener | undefined
/** By file: its text when it was read last, and what was said of it. */
const known = new Map<string, { readonly text: string; readonly said: Set<string> }>()

/** From now on this is called with each warning. */
export function onControlWarning(listener: WarningListener): void {
  tell = listener
}

/** Whether somebody listens. */
export function hasListener(): boolean {
  return tell !== undefined
}

/** A file was read. */
export function noteText(file: string, text: string): void {
  if (tell !== undefined && known.get(file)?.text !== text) known.set(file, { text, said: new Set() })
}

/** @param line - its number, from 1 */
export function warn(file: string, line: number, problem: string): void {
  const warning = `control/${file} line ${line}: ${problem}`
  const said = known.get(file)?.said
  if (tell === undefined || said === undefined || said.has(warning)) return
  said.add(warning)
  tell(warning, file)
}
