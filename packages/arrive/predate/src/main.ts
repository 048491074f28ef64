/**
 * predate: put a Date field in local time on top of a message for another program. README.md is the manual page.
 *
 * In      descriptor 0: the message; TZ
 * Out     the program's descriptor 0; its exit code is this program's
 */
import { byteArguments, byteEnvironment, runTool, UsageTrouble } from '@yabumi/commandline'
import { localHeaderDate, nowSeconds } from '@yabumi/dates'
import { pipeThrough } from '@yabumi/messagecommand'
import { zoneOffset } from '@yabumi/posix'

void runTool('predate', () => {
  const [file, ...args] = byteArguments()
  if (file === undefined) throw new UsageTrouble('predate child')
  const now = nowSeconds()
  return pipeThrough(`Date: ${localHeaderDate(now, zoneOffset(now))}\n`, [file, ...args], byteEnvironment())
})
