package nurse.bench.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.StandardChartTheme;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnitSource;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.svg.SVGGraphics2D;

/** Bars, drawn to scale on a logarithmic axis, since what is compared differs by factors of a thousand. */
final class Charts {
    private static final List<Color> COLOURS = List.of(
            new Color(0x1b6ca8),
            new Color(0xe08e45),
            new Color(0x6a994e),
            new Color(0xa23b72),
            new Color(0x7d8597),
            new Color(0xd4a017),
            new Color(0x3d5a80),
            new Color(0x9c6644));
    private static final int WIDTH = 900;
    private static final int BAR = 17;
    private static final int MARGIN = 130;

    private Charts() {}

    /**
     * Writes a chart.
     *
     * @param values by series and, within it, by what the bar stands for; in the order they are to be drawn
     * @param least where the axis begins
     */
    static void write(Path file, String title, String axis, double least, Map<String, Map<String, Double>> values)
            throws IOException {
        DefaultCategoryDataset data = new DefaultCategoryDataset();
        values.forEach((series, bars) -> bars.forEach((bar, value) -> data.addValue(value, series, bar)));
        JFreeChart chart = ChartFactory.createBarChart(
                title, null, axis, data, PlotOrientation.HORIZONTAL, values.size() > 1, false, false);
        StandardChartTheme theme = new StandardChartTheme("nurse");
        theme.setExtraLargeFont(new Font("SansSerif", Font.BOLD, 15));
        theme.setLargeFont(new Font("SansSerif", Font.PLAIN, 12));
        theme.setRegularFont(new Font("SansSerif", Font.PLAIN, 12));
        theme.setPlotBackgroundPaint(Color.WHITE);
        theme.setRangeGridlinePaint(Color.LIGHT_GRAY);
        theme.apply(chart);
        CategoryPlot plot = chart.getCategoryPlot();
        plot.setOutlineVisible(false);
        LogAxis range = new LogAxis(axis);
        range.setSmallestValue(least / 10);
        range.setLowerBound(least);
        range.setUpperMargin(0.1);
        range.setStandardTickUnits(new NumberTickUnitSource(false, java.text.NumberFormat.getInstance(Locale.ROOT)));
        range.setTickLabelFont(new Font("SansSerif", Font.PLAIN, 12));
        plot.setRangeAxis(range);
        CategoryAxis bars = plot.getDomainAxis();
        bars.setCategoryMargin(0.25);
        bars.setMaximumCategoryLabelWidthRatio(0.4f);
        BarRenderer renderer = (BarRenderer) plot.getRenderer();
        renderer.setBarPainter(new StandardBarPainter());
        renderer.setShadowVisible(false);
        renderer.setItemMargin(0.05);
        renderer.setBase(least);
        for (int i = 0; i < values.size(); i++) {
            renderer.setSeriesPaint(i, COLOURS.get(i % COLOURS.size()));
        }
        int height = MARGIN + (int) (data.getColumnCount() * (data.getRowCount() * BAR * 1.05 + BAR * 0.4));
        SVGGraphics2D svg = new SVGGraphics2D(WIDTH, height);
        svg.setDefsKeyPrefix(file.getFileName().toString().replace('.', '-')); // else a random one: each run a new file
        chart.draw(svg, new Rectangle2D.Double(0, 0, WIDTH, height));
        Files.writeString(file, svg.getSVGElement(chart.getID()));
    }
}
