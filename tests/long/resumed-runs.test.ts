// 200 random kills of trainings, each going on afterwards: not a byte of what is stored in the end may differ.
import { expect, it } from 'vitest'
import { hasNative } from '../run-cli'
import { killAndGoOn } from '../robustness/killing'

it.skipIf(!hasNative || process.platform !== 'linux').each(['topk', 'batchtopk', 'matryoshka'])(
  '200 random kills in three parts: no byte differs (%s; needs the native TensorFlow, Linux)',
  async (arch) => {
    process.env['LATISCOPE_CHECKPOINT_SECONDS'] = '0.05'
    const words = ['--arch', arch, '--latents', '128', '--k', '8', '--steps', '2500']
    const { runs, wentOn } = await killAndGoOn(67, words, 21)
    expect(runs).toBeGreaterThan(0)
    expect(wentOn).toBeGreaterThan(20)
  },
)
