/**
 * maildirwatch: show what is new in a Maildir, on a terminal, until it is told to stop. README.md is the manual page.
 *
 * In      the Maildir MAILDIR; nothing but old files in its tmp/ is changed
 * Out     descriptor 1: the screen cleared, and some lines for each message
 * Trust   nothing that is not printable reaches the terminal, escape sequences of our own aside
 */
import { byteEnvironment, runTool } from '@yabumi/commandline'
import { writeAll } from '@yabumi/files'
import { CannotList, cleanMaildir, listMaildir } from '@yabumi/maildir'
import { errorText, Trouble } from '@yabumi/trouble'
import { Changes } from './change.ts'
import { summary } from './summary.ts'

const clearScreen = '\x1b[;H\x1b[;J'

void runTool('maildirwatch', async () => {
  enter(byteEnvironment().get('MAILDIR'))
  const changes = new Changes()
  try {
    for (;;) {
      await show()
      await changes.next()
    }
  } finally {
    changes.close()
  }
})

function enter(maildir: string | undefined): void {
  if (maildir === undefined) throw new Trouble('4.3.5', 'MAILDIR not set')
  try {
    process.chdir(Buffer.from(maildir, 'latin1').toString('utf8'))
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to chdir to ${maildir}: ${errorText(cause)}`, { cause })
  }
}

/** One burst, so that the screen does not flicker. */
async function show(): Promise<void> {
  cleanMaildir()
  let screen = clearScreen
  for (const file of messages()) screen += await summary(file)
  const bytes = Buffer.from(screen, 'latin1')
  writeAll(1, bytes)
}

function messages(): ReturnType<typeof listMaildir> {
  try {
    return listMaildir(['new'])
  } catch (error) {
    if (!(error instanceof CannotList)) throw error
    throw new Trouble('4.3.0', `unable to scan $MAILDIR/${error.part}: ${errorText(error.cause)}`, { cause: error })
  }
}
