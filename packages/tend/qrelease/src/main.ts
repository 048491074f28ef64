/** qrelease: let messages go on that are held. README.md is the manual page. */
import { run } from '@yabumi/commandline'
import { readCommand, reschedule, selectPart } from '@yabumi/queuecare'
import { answerParts, isThread } from '@yabumi/queueparts'

async function main(): Promise<void> {
  const command = await readCommand('qrelease')
  process.exitCode = await reschedule(command, {
    verb: 'release',
    past: 'released',
    concerns: 'held',
    make: (desk, targets, answered) => desk.retry(targets, answered),
  })
}

if (isThread) answerParts(selectPart)
else void run('qrelease', main)
