/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A table that is wider than the terminal: libsmartcols cuts each column that can be cut as far as
 * its heading before it touches another, and leaves no mark, so that "nobody" becomes "nobo".
 */
#ifndef IPCLENS_RENDER_CUT_H
#define IPCLENS_RENDER_CUT_H

#include "render/smartcols.h"
#include "render/table.h"

/*
 * Makes the widest of the columns that can be cut narrower, until the table has so many columns of
 * the terminal or none can be, and marks what was cut. 0 or a negative errno.
 */
int cut_to_fit(const struct smartcols *scols, struct libscols_table *table,
	       const struct table_layout *layout, size_t room);

#endif
