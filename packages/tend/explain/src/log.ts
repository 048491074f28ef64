/**
 * What the log knows of a message. First comes what the door says of it, then what send says of the numbers that it has
 * or had.
 */
import { labelsOf, linesOf, logFiles, type Writer } from '@yabumi/logfiles'
import { errorText } from '@yabumi/trouble'
import { Door } from './arrivals.ts'
import { History } from './history.ts'

export interface Log {
  readonly door: Door
  readonly history: History
  /** Of send's log; the door's may be the same or others. */
  readonly files: readonly string[]
  readonly notes: readonly string[]
}

/**
 * Read both logs.
 *
 * @param named - files and directories; empty: those of the programs that run
 * @param wanted - a number, or a Message-ID with its angle brackets
 * @param numbers - of messages in the queue
 */
export function readLog(named: readonly string[], wanted: string, numbers: readonly string[]): Log {
  const notes: string[] = []
  const read = (writer: Writer, take: (line: string, labels: number) => void): string[] => {
    const files: string[] = []
    try {
      files.push(...logFiles(named, writer))
      for (const file of files) {
        const labels = labelsOf(file)
        for (const line of linesOf(file)) take(line, labels)
      }
    } catch (error) {
      const note = `the log cannot be read: ${(error as NodeJS.ErrnoException).path ?? ''}: ${errorText(error)}`
      if (!notes.includes(note)) notes.push(note)
    }
    return files
  }
  const door = new Door(wanted)
  read('smtpd', (line, labels) => door.take(line, labels))
  const history = new History([...numbers, ...door.arrivals.map(({ qp }) => qp)])
  const files = read('send', (line, labels) => history.take(line, labels))
  if (files.length === 0)
    notes.push('no log was found, so that past attempts are not known; --log names a file, or the directory of multilog or s6-log')
  return { door, history, files, notes }
}
