/** Where the data say which import came last, and how many documents it wrote. */
export const LAST_IMPORT = "import";
