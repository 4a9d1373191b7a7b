// How the gene names of the data were understood, as a table, before any model is trained; and what an import was said to need.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Inspection } from '@contract'
import { cliAnswer, sampleFile } from '../run-cli'
import { temporaryFolder } from '../temporary-folder'

it('the sample: its estimate of disk holds, and every gene name is listed with its gene and the way it was found', async () => {
  const folder = temporaryFolder()
  const [project, out] = [join(folder, 'p.latiscope'), join(folder, 'mapping.csv')]
  const { estimate } = await cliAnswer<Inspection>('inspect', sampleFile)
  await cliAnswer('new', project)
  const { genes } = await cliAnswer<{ genes: number }>('import', project, sampleFile, '--representation', 'obsm/X_pca')
  const share = statSync(project).size / estimate.diskBytes
  expect(share).toBeGreaterThan(1 / 3)
  expect(share).toBeLessThan(3)
  await cliAnswer('export', project, '--what', 'mapping', '--out', out)
  const [header = '', ...lines] = readFileSync(out, 'utf8').trim().split(/\r?\n/)
  expect(header).toContain('name,original_name,cleaned_name,method,status,symbol,gene_id')
  expect(lines).toHaveLength(genes)
  expect(lines.find((line) => line.startsWith('CD3D,'))).toMatch(/^CD3D,CD3D,CD3D,symbol,mapped,CD3D,ENSG00000167286/)
}, 60_000)
