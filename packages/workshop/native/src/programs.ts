/**
 * The programs in dist/native: those that somebody waits for, or that are started once a delivery. README.md says which
 * are not, and why.
 */
export const compiled: readonly string[] = [
  'inject',
  'sendmail',
  'mailsubj',
  'datemail',
  'forward',
  'condredirect',
  'bouncesaying',
  'qreceipt',
  'qbiff',
  'except',
  'preline',
  'qsmhook',
  'maildirmake',
  'maildir2mbox',
  'qail',
  'elq',
  'pinq',
  'predate',
  'srsfilter',
]
