// The largest eigenvalues of a positive symmetric operator that can only be multiplied with, for principal components.
// Method: block Lanczos with full orthogonalisation from a seeded random block (Golub and Underwood 1977; as "randomised block Krylov"
// Musco and Musco 2015). Every product stays in the basis, so that flat spectra need a fraction of the products of subspace iteration.
// Invariant: pure, and the same on every machine for one generator.
import type { SeededRandom } from '../base/random'
import { addScaled, dot } from './dense-rows'
import { symmetricEigen } from './tridiagonal-eigen'

export interface Leading {
  /** Largest first, none below zero. */
  readonly values: Float64Array
  /** Orthonormal rows, [wanted, size]; zero where the operator has no direction left. */
  readonly vectors: Float64Array
}

/** A positive symmetric operator. */
export interface Operator {
  readonly size: number
  /** Vectors multiplied at once: few need the fewest products in all, many are better where a product means going through a file. */
  readonly width: number
  /** [width, size] in and out. */
  multiply(block: Float64Array): Promise<Float64Array>
}

/** Vectors of the basis at most; what is left then is within a flat spectrum. */
const mostVectors = 640
/** Each look costs the cube of the basis. */
const growthBetweenLooks = 1.3
/** Residual of an eigenvector as a share of its eigenvalue; the error of the eigenvalue goes with its square. */
const settled = 3e-4
/** As a share of the largest eigenvalue: what is below cannot be told from zero. */
const rounding = 1e-10
/** A row that keeps less than this of its length has no direction of its own. */
const noDirection = 1e-12

/** @param wanted at most the size of the operator */
export async function leadingEigenvectors(operator: Operator, wanted: number, random: SeededRandom): Promise<Leading> {
  const { size, width } = operator
  const basis = new Basis(size, width, Math.min(size, Math.max(mostVectors, 2 * wanted)), random)
  basis.extend(new Float64Array(width * size))
  for (let look = 2 * wanted; ;) {
    const image = await operator.multiply(basis.lastBlock())
    const residual = basis.project(image)
    const { count, lastCount } = basis
    const more = basis.extend(image)
    if (more && count < look) continue
    const { values, weights } = solve(basis, count, wanted)
    if (!more || isSettled({ values, weights }, count, lastCount, residual, width))
      return { values, vectors: basis.combined(weights, count, wanted) }
    look = count * growthBetweenLooks
  }
}

interface Ritz {
  readonly values: Float64Array
  /** [wanted, count]: each vector in terms of the basis. */
  readonly weights: Float64Array
}

/** The `wanted` best directions within the span of the first `count` rows. */
function solve(basis: Basis, count: number, wanted: number): Ritz {
  const found = symmetricEigen(basis.small(count), count)
  const values = new Float64Array(wanted)
  const weights = new Float64Array(wanted * count)
  for (let axis = 0; axis < Math.min(wanted, count); axis++) {
    const column = count - 1 - axis
    values[axis] = Math.max(0, found.values[column] as number)
    for (let row = 0; row < count; row++) weights[axis * count + row] = found.vectors[row * count + column] as number
  }
  return { values, weights }
}

/** @param residual products of what the last image has outside the basis */
function isSettled({ values, weights }: Ritz, count: number, lastCount: number, residual: Float64Array, width: number): boolean {
  return values.every((value, axis) => {
    const from = (axis + 1) * count - lastCount
    let square = 0
    for (let a = 0; a < lastCount; a++)
      square += (weights[from + a] as number) * dot(residual, a * width, weights, from, lastCount)
    return square <= Math.max(settled * value, rounding * (values[0] as number)) ** 2
  })
}

/** Orthonormal rows, and the operator within their span. */
class Basis {
  count = 0
  /** Rows of the last block. */
  lastCount = 0
  private readonly rows: Float64Array
  private readonly within: Float64Array

  constructor(
    private readonly size: number,
    private readonly width: number,
    private readonly most: number,
    private readonly random: SeededRandom,
  ) {
    this.rows = new Float64Array(most * size)
    this.within = new Float64Array(most * most)
  }

  /** The rows added last, filled up with zeros. */
  lastBlock(): Float64Array {
    const block = new Float64Array(this.width * this.size)
    block.set(this.rows.subarray((this.count - this.lastCount) * this.size, this.count * this.size))
    return block
  }

  /** Notes the image of the last block within the span and takes it out of the image; answers the products of what remains. */
  project(image: Float64Array): Float64Array {
    const { size, width, most, count, lastCount } = this
    for (let each = 0; each < lastCount; each++) {
      const column = count - lastCount + each
      for (let row = 0; row < count; row++) {
        const value = dot(this.rows, row * size, image, each * size, size)
        this.within[row * most + column] = value
        this.within[column * most + row] = value
        addScaled(image, each * size, this.rows, row * size, -value, size)
      }
    }
    const products = new Float64Array(width * width)
    for (let a = 0; a < lastCount; a++)
      for (let b = 0; b < lastCount; b++) products[a * width + b] = dot(image, a * size, image, b * size, size)
    return products
  }

  /** Adds the directions of a block, random ones where it has none of its own; false when there is no room or no direction left. */
  extend(block: Float64Array): boolean {
    const { size, width } = this
    const before = this.count
    for (let each = 0; each < width && this.count < this.most; each++) {
      if (!this.add(block.subarray(each * size, (each + 1) * size)))
        this.add(Float64Array.from({ length: size }, () => this.random.normal()))
    }
    this.lastCount = this.count - before
    return this.lastCount > 0
  }

  /** Gram–Schmidt, repeated while much is lost to it. */
  private add(row: Float64Array): boolean {
    const { size, count } = this
    const first = lengthOf(row)
    if (!(first > 0)) return false
    for (let [before, rounds] = [first, 0]; rounds < 4; rounds++) {
      for (let other = 0; other < count; other++)
        addScaled(row, 0, this.rows, other * size, -dot(this.rows, other * size, row, 0, size), size)
      const length = lengthOf(row)
      if (!(length > noDirection * first)) return false
      if (length > before / 2) break
      before = length
    }
    const scale = 1 / lengthOf(row)
    for (let at = 0; at < size; at++) this.rows[count * size + at] = (row[at] as number) * scale
    this.count++
    return true
  }

  /** The operator within the span of the first `count` rows. */
  small(count: number): Float64Array {
    const out = new Float64Array(count * count)
    for (let row = 0; row < count; row++) out.set(this.within.subarray(row * this.most, row * this.most + count), row * count)
    return out
  }

  /** Vectors given in terms of the first `count` rows. */
  combined(weights: Float64Array, count: number, wanted: number): Float64Array {
    const { size } = this
    const out = new Float64Array(wanted * size)
    for (let axis = 0; axis < wanted; axis++)
      for (let row = 0; row < count; row++)
        addScaled(out, axis * size, this.rows, row * size, weights[axis * count + row] as number, size)
    return out
  }
}

const lengthOf = (row: Float64Array): number => Math.sqrt(dot(row, 0, row, 0, row.length))
