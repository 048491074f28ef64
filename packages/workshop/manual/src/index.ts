/** Manual pages, made of the READMEs. */

export { type Block, blocksOf } from './blocks.ts'
export { type Options, optionsOf, singleOptions } from './options.ts'
export { directoryOf, packagesOf, programsOf } from './packages.ts'
export { manualPage, type Title } from './page.ts'
export { type Page, pagesOf } from './pages.ts'
