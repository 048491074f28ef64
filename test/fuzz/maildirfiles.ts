/** Fuzz targets for the files that anybody may write who writes to a Maildir: dovecot-uidlist, dovecot-keywords, subscriptions, maildirsize. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Keywords, keywordLetters, readSubscriptions, readUsage, Uidlist } from '@yabumi/dovecotfiles'
import type { Target } from './targets.ts'

const head = '3 V1796100110 N7 G46aa999561c340b98c9221aa48fb181e'

function open(directory: string): Uidlist {
  return new Uidlist(directory, 0o600, () => 1)
}

/** @param scratch - names a directory of this thread's own, which may not be there yet */
export function maildirTargets(scratch: string): Target[] {
  const place = (name: string): string => {
    mkdirSync(join(scratch, 'tmp'), { recursive: true })
    return join(scratch, name)
  }
  return [
    {
      name: 'dovecot-uidlist',
      seeds: [
        `${head}\n1 :1796100111.M4P2.h,S=8,W=11\n3 S41 W44 Zx :b:2,S\n4 :c`,
        `${head} Qx\n1 :a\n2 :b\n2 :c\n9 :a\n`,
        '1 1796100110 9\n1 a\n3 b:2,S\n',
      ],
      prefix: `${head}\n`,
      units: ['1 :a\n', '2 S3 :b:2,S\n', '4294967294 :c\n', ' ', ':', '\n', '9', '\0', 'V1 N1', 'G', '\xff'],
      run(input, random) {
        const file = place('dovecot-uidlist')
        const cut = Math.floor(random() * input.length)
        writeFileSync(file, input.subarray(0, cut))
        const grown = open(scratch)
        grown.refresh()
        appendFileSync(file, input.subarray(cut))
        grown.refresh()
        const whole = open(scratch)
        whole.refresh()
        if (whole.uidValidity !== grown.uidValidity || grown.nextUid < whole.nextUid) throw new Error('it is another list in two pieces')
        for (const line of input.toString('latin1').split('\n')) {
          const base = line.slice(line.indexOf(':') + 1).split(':')[0] ?? ''
          const [known, other] = [whole.find(base), grown.find(base)]
          if (known?.uid !== other?.uid) throw new Error('a message has another UID in two pieces')
          if (known !== undefined && !(known.uid >= 1 && known.uid < whole.nextUid)) throw new Error('a UID would be given out again')
        }
      },
    },
    {
      name: 'dovecot-keywords',
      seeds: ['0 work\n1 later\n25 last\n', '0 a\n0 b\n1 A\n26 c\n-1 d\nx e\n'],
      units: ['0 a\n', '25 z\n', '26 q\n', ' ', '\n', '7', '\0', '\xff', 'work'],
      run(input) {
        writeFileSync(place('dovecot-keywords'), input)
        const keywords = new Keywords(scratch, 0o600)
        keywords.refresh()
        if (keywords.names.length > keywordLetters) throw new Error('more letters than there are')
        for (const [letter, name] of keywords.names.entries()) {
          if (name !== undefined && /[ (){%*"\\\]\0-\x1f\x7f-\xff]/.test(name)) throw new Error('a name that is no atom')
          if (name !== undefined && keywords.letterOf(name.toUpperCase()) !== letter) throw new Error('a name has two letters')
        }
      },
    },
    {
      name: 'subscriptions and maildirsize',
      seeds: ['V\t2\n\nINBOX\nA\tB\n\x01t\x010\x011\n', 'INBOX\nA/B\n', '1000S,9C\n12 1\n-3 -1\n'],
      units: ['V\t2\n', 'A\t', '\x01', '\n', '1 1\n', '9S', ',', '-', '\0', '\xff'],
      run(input) {
        writeFileSync(place('subscriptions'), input)
        writeFileSync(place('maildirsize'), input)
        readSubscriptions(scratch)
        const { used } = readUsage(scratch, undefined, () => ({ bytes: 0, count: 0 }), 0o600)
        if (!Number.isSafeInteger(used.bytes) || !Number.isSafeInteger(used.count)) throw new Error('a usage that is no number')
      },
    },
  ]
}
