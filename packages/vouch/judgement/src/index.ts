/** Who vouches for a message: SPF, DKIM, ARC and DMARC in one pass, and the field that says what came of them. */
export type { Author } from './author.ts'
export { resultsFact, resultsField, resultWords } from './header.ts'
export { Judge, type Judgement, type JudgeOptions, judge } from './judgement.ts'
export { type Disposition, dispositionOf, type PolicyTerms } from './policy.ts'
export { Questions } from './questions.ts'
