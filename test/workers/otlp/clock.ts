/** How far the objects' clock is ahead, ms; set by tests. */
export const clock = { ahead: 0 };
