/** What send's log says of each recipient's last attempt. */
import { labelsOf, linesOf, logFiles } from '@yabumi/logfiles'
import { type Event, parseLogLine } from '@yabumi/logline'
import { errorText } from '@yabumi/trouble'

export interface Answer {
  /** Seconds since 1970; undefined where the log has no times. */
  readonly time: number | undefined
  /** What came of it; undefined while it is under way. */
  readonly text: string | undefined
}

/** By number, then by channel and recipient as the log has it. */
export type Answers = Map<string, Map<string, Answer>>

export function answerKey(channel: string, recipient: string): string {
  return `${channel} ${recipient}`
}

/**
 * Read the log of the send that runs. The working directory is the home, and this is still whoever called.
 *
 * @returns the answers, and what stands in the way of more
 */
export function readAnswers(): { answers: Answers; note: string | undefined } {
  const reading = new Reading()
  try {
    const files = logFiles([], 'send')
    for (const file of files) {
      const labels = labelsOf(file)
      for (const line of linesOf(file)) reading.take(parseLogLine(line, labels))
    }
    const note = files.length === 0 ? 'no log was found, so why attempts have failed is not known; explain --log takes its name' : undefined
    return { answers: reading.answers, note }
  } catch (error) {
    return { answers: reading.answers, note: `the log cannot be read: ${(error as NodeJS.ErrnoException).path ?? ''}: ${errorText(error)}` }
  }
}

class Reading {
  readonly answers: Answers = new Map()
  readonly #underWay = new Map<string, { readonly id: string; readonly key: string }>()

  take(event: Event | undefined): void {
    switch (event?.kind) {
      case 'new': // another message may have had the number
      case 'end':
        this.answers.delete(event.id)
        break
      case 'start':
        this.#underWay.set(event.delivery, { id: event.id, key: answerKey(event.channel, event.recipient) })
        this.#set(event.delivery, { time: event.time, text: undefined })
        break
      case 'ended':
        this.#set(event.delivery, { time: event.time, text: `${event.outcome}: ${event.text.replace(/\/$/, '')}` })
        this.#underWay.delete(event.delivery)
    }
  }

  #set(delivery: string, answer: Answer): void {
    const attempt = this.#underWay.get(delivery)
    if (attempt === undefined) return
    const ofMessage = this.answers.get(attempt.id) ?? new Map<string, Answer>()
    this.answers.set(attempt.id, ofMessage.set(attempt.key, answer))
  }
}
