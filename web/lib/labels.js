/** @typedef {'without_mask' | 'mask_worn_incorrectly' | 'mask_worn_correctly'} MaskLabel */

/**
 * The three answers, in the order of the networks' outputs.
 * @type {readonly ['without_mask', 'mask_worn_incorrectly', 'mask_worn_correctly']}
 */
export const MASK_LABELS = Object.freeze(['without_mask', 'mask_worn_incorrectly', 'mask_worn_correctly'])
