/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

#define LETTERS_MAX 32

static size_t least(size_t a, size_t b, size_t c)
{
	size_t smaller = a < b ? a : b;

	return smaller < c ? smaller : c;
}

static int is_same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t nearest_distance(const char *a, const char *b)
{
	/* distances[i][j]: from the first i letters of a to the first j of b. */
	size_t distances[LETTERS_MAX + 1][LETTERS_MAX + 1];
	size_t rows = strlen(a), columns = strlen(b);

	if (rows > LETTERS_MAX || columns > LETTERS_MAX)
		return rows > columns ? rows : columns;
	for (size_t i = 0; i <= rows; i++)
		distances[i][0] = i;
	for (size_t j = 0; j <= columns; j++)
		distances[0][j] = j;
	for (size_t i = 1; i <= rows; i++) {
		for (size_t j = 1; j <= columns; j++) {
			size_t change = !is_same_letter(a[i - 1], b[j - 1]);

			distances[i][j] = least(distances[i - 1][j] + 1, distances[i][j - 1] + 1,
						distances[i - 1][j - 1] + change);
			if (i > 1 && j > 1 && is_same_letter(a[i - 1], b[j - 2]) &&
			    is_same_letter(a[i - 2], b[j - 1]) &&
			    distances[i - 2][j - 2] + 1 < distances[i][j])
				distances[i][j] = distances[i - 2][j - 2] + 1;
		}
	}
	return distances[rows][columns];
}

bool nearest_is_slip(const char *word, const char *meant)
{
	return nearest_distance(word, meant) <= (strlen(meant) < 6 ? 1 : 2);
}
