// The words for training settings that the pure numerics share with everyone else; they are defined in the contract.
export { limits, type Advice, type InputReport, type TrainRequest, type TrainSettings } from '@contract'
