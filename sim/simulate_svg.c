/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plot as SVG: three panels over one time axis, a line for each server. */
#include "sim/simulate.h"

#define SVG_LEFT 70
#define SVG_WIDTH 900
#define SVG_RIGHT 90
#define SVG_TOP 50
#define SVG_PANEL 180
#define SVG_GAP 50

static double svg_x(const struct simulate_record *record, double second)
{
	double all = record->seconds > 1 ? record->seconds - 1 : 1;

	return SVG_LEFT + second * SVG_WIDTH / all;
}

static double svg_panel_top(int what)
{
	return SVG_TOP + what * (SVG_PANEL + SVG_GAP);
}

/* Write arbitrary text into an XML file. */
static void svg_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if ((unsigned char)*text >= ' ')
			fputc(*text, out);
	}
}

/* Colours as far apart as they can be: steps of the golden angle. */
static void svg_line(const struct simulate_record *record,
		     enum simulate_what what, uint32_t server, FILE *out)
{
	double bottom = svg_panel_top((int)what) + SVG_PANEL;
	double highest = (double)simulate_highest(record, what);
	uint32_t t;

	fprintf(out,
		"<polyline fill=\"none\" stroke=\"hsl(%u,70%%,42%%)\" "
		"stroke-width=\"1.6\" points=\"",
		server * 137 % 360);
	for (t = 0; t < record->seconds; t++)
		fprintf(out, "%.1f,%.1f ", svg_x(record, t),
			bottom - (double)simulate_value(record, what, t,
							server) *
					 SVG_PANEL / highest);
	fprintf(out, "\"><title>s%u</title></polyline>\n", server + 1);
}

static void svg_panel(const struct simulate_record *record,
		      enum simulate_what what, FILE *out)
{
	double top = svg_panel_top((int)what);
	uint32_t i;

	fprintf(out,
		"<text x=\"%d\" y=\"%.0f\" font-weight=\"bold\">%s</text>\n"
		"<rect x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"%d\" "
		"fill=\"none\" stroke=\"#999\"/>\n"
		"<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">%.0f</text>\n"
		"<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">0</text>\n",
		SVG_LEFT, top - 8, simulate_what_name(what), SVG_LEFT, top,
		SVG_WIDTH, SVG_PANEL, SVG_LEFT - 6, top + 10,
		(double)simulate_highest(record, what), SVG_LEFT - 6,
		top + SVG_PANEL);
	for (i = 0; i < record->servers; i++)
		svg_line(record, what, i, out);
}

static void svg_events(const struct simulate_record *record, double bottom,
		       FILE *out)
{
	size_t i;

	for (i = 0; i < record->nr_events; i++) {
		double x = svg_x(record,
				 (double)record->events[i].at / USEC_PER_SEC);

		fprintf(out,
			"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.0f\" "
			"stroke=\"#bbb\" stroke-dasharray=\"2 3\"><title>",
			x, x, SVG_TOP, bottom);
		svg_text(record->events[i].text, out);
		fprintf(out, "</title></line>\n");
	}
}

static void svg_axis(const struct simulate_record *record, double bottom,
		     FILE *out)
{
	uint32_t step = 1, t;

	while (record->seconds / step > 12)
		step *= step % 5 == 2 ? 5 : 2;
	for (t = 0; t < record->seconds; t += step)
		fprintf(out,
			"<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">"
			"%u s</text>\n",
			svg_x(record, t), bottom + 18, t);
}

void simulate_plot_svg(const struct simulate_record *record, FILE *out)
{
	double bottom = svg_panel_top(SIMULATE_WHATS - 1) + SVG_PANEL;
	uint32_t i;
	int what;

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
		"height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
		"<text x=\"%d\" y=\"22\" font-size=\"15\">",
		SVG_LEFT + SVG_WIDTH + SVG_RIGHT, bottom + 30, SVG_LEFT);
	svg_text(record->title, out);
	fprintf(out, "</text>\n");
	svg_events(record, bottom, out);
	for (what = 0; what < SIMULATE_WHATS; what++)
		svg_panel(record, (enum simulate_what)what, out);
	svg_axis(record, bottom, out);
	for (i = 0; i < record->servers && i < 32; i++)
		fprintf(out,
			"<text x=\"%d\" y=\"%u\" fill=\"hsl(%u,70%%,42%%)\">"
			"s%u</text>\n",
			SVG_LEFT + SVG_WIDTH + 12, SVG_TOP + 12 + i * 18,
			i * 137 % 360, i + 1);
	fprintf(out, "</svg>\n");
}
