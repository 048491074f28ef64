/**
 * Notices a changed control/locals or control/virtualdomains, beside HUP. Only a hint: where watching does not work,
 * HUP does.
 */
import { watchControls } from '@yabumi/control'

const names: ReadonlySet<string> = new Set(['locals', 'virtualdomains'])
/** Everything else starts first: nothing of the start is spent on it. */
const delayMilliseconds = 1_000

/** @param changed - called when one of the files has changed, was made or was removed */
export function watchRouting(changed: () => void): void {
  setTimeout(() => void watchControls(changed, names).catch(() => undefined), delayMilliseconds).unref()
}
