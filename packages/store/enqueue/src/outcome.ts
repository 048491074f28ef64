/**
 * What queue's end means to whoever handed it a message: the exit codes and texts of spec §2.2.
 */
import { cannotRunExit } from '@yabumi/trouble'

/** What queue said about a submission. `text` is a byte string without the letter, as shown to users (spec §2.2). */
export interface Outcome {
  /** K queued, Z try again, D give up. */
  readonly verdict: 'K' | 'Z' | 'D'
  readonly text: string
  /** The number after `qp` in replies and logs; decimal. */
  readonly qp: string
}

/** An exit code that queue does not give itself: the child could not enter the home. */
export const cannotEnterHome = 61
/** The exit codes that say "my text is on descriptor 6": notqmail's, and the one that wrappers for other qmails use. */
export const customTexts: ReadonlySet<number> = new Set([82, 88])
/** What is read of that text, in bytes. */
export const customTextBytes = 255

const texts: Record<number, string> = {
  11: 'Denvelope address too long for qq (#5.1.3)',
  31: 'Dmail server permanently rejected message (#5.3.0)',
  51: 'Zqq out of memory (#4.3.0)',
  52: 'Zqq timeout (#4.3.0)',
  53: 'Zqq write error or disk full (#4.3.0)',
  54: 'Zqq read error (#4.3.0)',
  55: 'Zqq unable to read configuration (#4.3.0)',
  56: 'Zqq trouble making network connection (#4.3.0)',
  61: 'Zqq trouble in home directory (#4.3.0)',
  62: 'Zqq trouble creating files in queue (#4.3.0)',
  63: 'Zqq trouble creating files in queue (#4.3.0)',
  64: 'Zqq trouble creating files in queue (#4.3.0)',
  65: 'Zqq trouble creating files in queue (#4.3.0)',
  66: 'Zqq trouble creating files in queue (#4.3.0)',
  67: 'Zqq does not listen; start supervise, or queue --listen (#4.3.0)',
  71: 'Zmail server temporarily rejected message (#4.3.0)',
  72: 'Zconnection to mail server timed out (#4.4.1)',
  73: 'Zconnection to mail server rejected (#4.4.1)',
  74: 'Zcommunication with mail server failed (#4.4.2)',
  81: 'Zqq internal bug (#4.3.0)',
  91: 'Zqq internal bug (#4.3.0)',
  115: 'Denvelope address too long for qq (#5.1.3)',
  [cannotRunExit]: 'Zunable to exec qq (#4.3.0)',
}

/**
 * The verdict that an exit code of queue stands for.
 *
 * @param code - the exit code, or 'crashed' for a queue that a signal ended or that went away without a word
 * @param said - what it wrote on descriptor 6: counts with code 82 or 88, if it has more than two bytes
 */
export function outcomeOf(code: number | 'crashed', qp: string, said = ''): Outcome {
  const text = code === 'crashed' ? 'Zqq crashed (#4.3.0)' : textOf(code, said)
  if (text === '') return { verdict: 'K', text, qp }
  return { verdict: text[0] === 'D' ? 'D' : 'Z', text: text.slice(1), qp }
}

function textOf(code: number, said: string): string {
  if (code === 0) return ''
  if (customTexts.has(code) && said.length > 2) return said
  const permanent = code >= 11 && code <= 40
  return texts[code] ?? (permanent ? 'Dqq permanent problem (#5.3.0)' : 'Zqq temporary problem (#4.3.0)')
}

/** The verdict on a message that its sender took back, or could not hand over whole. */
export function unreadable(qp: string): Outcome {
  return outcomeOf(54, qp)
}
