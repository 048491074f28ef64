/** qstat: count the messages in the queue (spec §8.1). README.md is the manual page. */
import { readdirSync, writeSync } from 'node:fs'
import { run } from '@yabumi/commandline'
import { become, enterHome } from '@yabumi/home'
import { split } from '@yabumi/queuedir'
import { errorText, Trouble } from '@yabumi/trouble'

function entriesIn(path: string): number {
  try {
    return readdirSync(path).length
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to read ${process.cwd()}/${path}: ${errorText(cause)}`, { cause })
  }
}

void run('qstat', () => {
  enterHome()
  become('send')
  let messages = 0
  for (let part = 0; part < split; part += 1) messages += entriesIn(`queue/mess/${part}`)
  const todo = entriesIn('queue/todo')
  writeSync(1, `messages in queue: ${messages}\nmessages in queue but not yet preprocessed: ${todo}\n`)
})
