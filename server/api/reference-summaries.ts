/** What each route is for, in Chinese; its English stands in its row. A test holds the two together. */
export const summaries: Readonly<Record<string, string>> = {};
