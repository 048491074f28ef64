/**
 * Deliver to other hosts: take deliveries from send, speak SMTP for many of them at once, report on each.
 *
 * In       descriptor 0: commands of the spawn protocol; its end lets the deliveries under way finish within
 *          control/stoptime, then exit 0
 * Out      descriptor 1: reports
 * Changes  queue/lock/tcpto, which it clears at its start, and state/correspondents
 * Crash    leaves nothing; send tries again whatever was not reported on
 * Trust    believes neither the hosts nor what send says of a message: serve() opens and checks the file
 */
import { byteArguments, byteEnvironment, complain, run } from '@yabumi/commandline'
import { onControlWarning, StopTime } from '@yabumi/control'
import { enterHome } from '@yabumi/home'
import { logSafe } from '@yabumi/logline'
import { onSigned } from '@yabumi/signing'
import { keepForReport, lookAfterPolicies } from '@yabumi/smtpclient'
import { openMessage, openToGive, serve } from '@yabumi/spawnprotocol'
import { zeroTable } from '@yabumi/tcptable'
import { Dispatch } from './dispatch.ts'
import { runProgram } from './program.ts'
import { remembered } from './remembered.ts'
import { sessionLine } from './sessionline.ts'

void run('rspawn', async () => {
  enterHome()
  onControlWarning((warning) => complain(`rspawn: warning: ${warning}`))
  onSigned((line) => complain(`rspawn: ${line}`))
  zeroTable()
  const asked = byteArguments()
  const stopTime = new StopTime((line) => complain(`rspawn: ${line}`))
  const leaving = (): void => void setTimeout(() => process.exit(0), stopTime.seconds * 1000).unref() // deliveries that end sooner end us
  const program = byteEnvironment().get('QMAILREMOTE')
  if (program !== undefined && program !== '') {
    await serve((delivery) => void runProgram(program, delivery), asked, { open: openToGive, leaving })
    process.exit(0)
  }
  const dispatch = new Dispatch((session) => {
    keepForReport(session)
    complain(`rspawn: ${sessionLine(session)}`)
  })
  void lookAfterPolicies((problem) => complain(`rspawn: mta-sts: ${logSafe(problem)}`))
  await serve((delivery) => dispatch.deliver(remembered(delivery)), asked, { open: openMessage, leaving })
  dispatch.end()
})
