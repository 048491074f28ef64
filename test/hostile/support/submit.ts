/** Hand many messages to the queue of YABUMI_HOME from one process: a JSON list of them on descriptor 0, bytes as latin1. */
import { readFileSync } from 'node:fs'
import { openSubmission } from '@yabumi/enqueue'

interface Message {
  readonly sender: string
  readonly recipients: readonly string[]
  readonly text: string
}

for (const { sender, recipients, text } of JSON.parse(readFileSync(0, 'utf8')) as Message[]) {
  const submission = openSubmission()
  submission.write(Buffer.from(text, 'latin1'))
  const { verdict, text: said } = await submission.finish(sender, recipients)
  if (verdict !== 'K') throw new Error(said)
}
