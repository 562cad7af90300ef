//! Old and new builds of one type read each other, as fields and as columns.
