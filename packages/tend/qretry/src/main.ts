/** qretry: have messages of the queue tried now. README.md is the manual page. */
import { run } from '@yabumi/commandline'
import { readCommand, reschedule, selectPart } from '@yabumi/queuecare'
import { answerParts, isThread } from '@yabumi/queueparts'

async function main(): Promise<void> {
  const command = await readCommand('qretry')
  process.exitCode = await reschedule(command, {
    verb: 'retry',
    past: 'made due',
    concerns: 'free',
    ended: 'and it has ended',
    make: (desk, targets, answered) => desk.retry(targets, answered),
  })
}

if (isThread) answerParts(selectPart)
else void run('qretry', main)
