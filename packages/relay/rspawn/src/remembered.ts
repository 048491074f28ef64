/** Who has got mail is remembered where strangers are greylisted: answers are not put off. */
import { complain } from '@yabumi/commandline'
import { keepUntilChanged, readLine } from '@yabumi/control'
import { SentTo } from '@yabumi/correspondents'
import type { Delivery } from '@yabumi/spawnprotocol'
import { errorText } from '@yabumi/trouble'

const sent = new SentTo()
const isAsked = keepUntilChanged(['greylist'], () => /^[12]$/.test(readLine('greylist') ?? ''))

/** The same delivery, whose success is remembered. */
export function remembered(delivery: Delivery): Delivery {
  return {
    ...delivery,
    report: (status, text) => {
      if (status === 'K') remember(delivery)
      delivery.report(status, text)
    },
    giveBack: (network) => delivery.giveBack(network),
  }
}

/** The delivery does not depend on it. */
function remember({ sender, local, domain }: Delivery): void {
  try {
    if (isAsked()) sent.add(sender, `${local}@${domain}`)
  } catch (error) {
    complain(`rspawn: correspondents: ${errorText(error)}`)
  }
}
