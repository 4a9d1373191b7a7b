// kill -9 of trainer, engine, command or all of them at random moments of a training: the project stays whole, the run
// goes on, and it ends in the same bytes. 200 kills are in tests/long.
import { expect, it } from 'vitest'
import { hasNative } from '../run-cli'
import { killAndGoOn } from './killing'

const linux = process.platform === 'linux'

it.skipIf(!hasNative || !linux)(
  '20 random kills change no byte of what is stored in the end (needs the native TensorFlow, Linux)',
  async () => {
    process.env['LATISCOPE_CHECKPOINT_SECONDS'] = '0.05'
    const words = ['--arch', 'batchtopk', '--latents', '128', '--k', '8', '--steps', '1500']
    const { runs, wentOn } = await killAndGoOn(20, words, 11)
    expect(runs).toBeGreaterThan(0)
    expect(wentOn).toBeGreaterThan(2)
  },
  600_000,
)
