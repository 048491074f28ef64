/**
 * splogger: send lines from descriptor 0 to syslog (spec §8.5). README.md is the manual page.
 */
import { byteArguments } from '@yabumi/commandline'
import { piecesOf } from '@yabumi/descriptor'
import { openSyslog, writeSyslog } from '@yabumi/posix'
import { LineCutter } from './lines.ts'

const mailFacility = 2

async function splogger(): Promise<void> {
  const [tag = 'splogger', facility] = byteArguments()
  openSyslog(tag, facility === undefined ? mailFacility : Number(/^[0-9]{0,3}/.exec(facility)?.[0]))
  const lines = new LineCutter(writeSyslog)
  for await (const piece of piecesOf(0)) lines.take(piece)
  lines.end()
}

void splogger().catch(() => {
  process.exitCode = 111
})
