/**
 * mailsubj: send what is on descriptor 0 as a message with a subject. README.md is the manual page.
 *
 * In      descriptor 0: the body
 * Out     inject's descriptor 0; its exit code is this program's
 */
import { byteArguments, byteEnvironment, runTool, UsageTrouble } from '@yabumi/commandline'
import { programPath } from '@yabumi/home'
import { pipeThrough } from '@yabumi/messagecommand'

/** A line end goes on as a continued line: no argument ends its field and begins another, or the body. */
function field(name: string, value: string): string {
  return `${name}: ${value.replace(/\n(?![ \t])/g, '\n ')}\n`
}

void runTool('mailsubj', () => {
  const [subject, ...recipients] = byteArguments()
  if (subject === undefined) throw new UsageTrouble('mailsubj subject [ recipient ... ]')
  const head = `${field('Subject', subject)}${field('To', recipients.join(' '))}\n`
  return pipeThrough(head, [programPath('inject')], byteEnvironment())
})
