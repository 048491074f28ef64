/**
 * srsfilter: send a message for an address that SRS made back to where it belongs. README.md is the manual page.
 *
 * In      descriptor 0: the message; DEFAULT, SENDER and DTLINE from local
 * Out     queue (package enqueue): the message, not a byte of it changed, after DTLINE
 * Crash   queue sees an early end and keeps nothing that counts; local tries again
 */
import { byteArguments, byteEnvironment, complain, required, runTool, UsageTrouble } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import { sendOn } from '@yabumi/forwarding'
import { homeDirectory } from '@yabumi/home'
import { readSrs, unpackAddress } from '@yabumi/srs'
import { Trouble } from '@yabumi/trouble'

void runTool('srsfilter', async () => {
  if (byteArguments().length > 0) throw new UsageTrouble('srsfilter < message')
  const environment = byteEnvironment()
  const packed = required(environment, 'DEFAULT')
  const srs = readSrs(homeDirectory())
  if (srs === undefined) throw new Trouble('4.3.5', 'there is no control/srs_domain')
  const recipient = unpackAddress(packed, srs, nowSeconds())
  const qp = await sendOn(required(environment, 'DTLINE'), required(environment, 'SENDER'), [recipient])
  complain(`srsfilter: qp ${qp}`)
  return 0
})
