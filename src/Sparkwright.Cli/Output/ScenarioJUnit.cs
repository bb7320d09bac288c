using System.Globalization;
using System.Text;
using System.Xml;

namespace Sparkwright.Cli.Output;

/// <summary>Outcomes of scenarios as the JUnit XML that CI systems read: a suite a folder, a case a scenario.</summary>
public static class ScenarioJUnit
{
    public static string Of(IReadOnlyList<ScenarioReport> reports)
    {
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n", CheckCharacters = false }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", "sparkwright simulate");
            Count(xml, reports);
            foreach (var suite in reports.GroupBy(report => report.Folder, StringComparer.Ordinal))
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", suite.Key);
                Count(xml, [.. suite]);
                foreach (var report in suite)
                {
                    Case(xml, report);
                }

                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n";
    }

    private static void Count(XmlWriter xml, IReadOnlyList<ScenarioReport> reports)
    {
        xml.WriteAttributeString("tests", Number(reports.Count));
        xml.WriteAttributeString("failures", Number(reports.Count(report => report is ScenarioReport.Ran { Run.ExpectationFailed: true })));
        xml.WriteAttributeString("errors", Number(reports.Count(report => report is ScenarioReport.Unreadable)));
        xml.WriteAttributeString("skipped", "0");
        xml.WriteAttributeString("time", Seconds(reports.OfType<ScenarioReport.Ran>().Aggregate(TimeSpan.Zero, (sum, report) => sum + report.Wall)));
    }

    private static void Case(XmlWriter xml, ScenarioReport report)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", report.Folder.Trim('.', '/').Replace('/', '.') is { Length: > 0 } name ? name : "scenarios");
        switch (report)
        {
            case ScenarioReport.Ran ran:
                xml.WriteAttributeString("name", ran.Run.Scenario.Name);
                xml.WriteAttributeString("file", ran.File);
                xml.WriteAttributeString("time", Seconds(ran.Wall));
                if (ran.Run.ExpectationFailed)
                {
                    var failures = ScenarioReport.Failures(ran.Run).ToList();
                    Trouble(xml, "failure", "expect", failures[0], $"{ran.File} (seed {ran.Run.World.Chance.Seed})\n{string.Join('\n', failures)}");
                }

                break;
            case ScenarioReport.Unreadable unreadable:
                xml.WriteAttributeString("name", Path.GetFileName(unreadable.File));
                xml.WriteAttributeString("file", unreadable.File);
                xml.WriteAttributeString("time", "0");
                Trouble(xml, "error", "unreadable", unreadable.Message, unreadable.Message);
                break;
        }

        xml.WriteEndElement();
    }

    private static void Trouble(XmlWriter xml, string element, string type, string message, string details)
    {
        xml.WriteStartElement(element);
        xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("message", Clean(message));
        xml.WriteString(Clean(details));
        xml.WriteEndElement();
    }

    /// <summary>XML knows no control characters, whatever a manifest put into a message.</summary>
    private static string Clean(string text) => new([.. text.Where(unit => XmlConvert.IsXmlChar(unit) || char.IsSurrogate(unit))]);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
