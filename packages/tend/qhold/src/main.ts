/** qhold: hold messages of the queue: no attempt is made until they are released. README.md is the manual page. */
import { run } from '@yabumi/commandline'
import { readCommand, reschedule, selectPart } from '@yabumi/queuecare'
import { answerParts, isThread } from '@yabumi/queueparts'

async function main(): Promise<void> {
  const command = await readCommand('qhold')
  process.exitCode = await reschedule(command, {
    verb: 'hold',
    past: 'held',
    concerns: 'free',
    make: (desk, targets, answered) => desk.hold(targets, answered),
  })
}

if (isThread) answerParts(selectPart)
else void run('qhold', main)
