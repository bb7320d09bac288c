using System.Globalization;
using System.Xml;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Server.AwsApi;

/// <summary>Writes trees as the XML of AWS' older protocols: a member is an element, a list's items are elements of one name.</summary>
internal static class AwsXml
{
    /// <param name="root">The name of the outermost element.</param>
    /// <param name="itemName">The name of the items of lists; null where each list's own name is repeated, as S3 does.</param>
    /// <param name="text">What the outermost element holds as text.</param>
    public static byte[] Write(string root, string xmlns, TreeMap content, string? itemName, string? text = null)
    {
        using var buffer = new MemoryStream();
        using (var writer = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new System.Text.UTF8Encoding(false), CheckCharacters = false }))
        {
            writer.WriteStartElement(root, xmlns);
            Members(writer, content, xmlns, itemName);
            writer.WriteString(text ?? "");
            writer.WriteEndElement();
        }

        return buffer.ToArray();
    }

    private static void Members(XmlWriter writer, TreeMap map, string xmlns, string? itemName)
    {
        foreach (var (name, value) in map.Members())
        {
            if (value is TreeList list)
            {
                if (itemName is not null)
                {
                    writer.WriteStartElement(name, xmlns);
                }

                foreach (var item in list.Span)
                {
                    Element(writer, itemName ?? name, item, xmlns, itemName);
                }

                if (itemName is not null)
                {
                    writer.WriteEndElement();
                }
            }
            else
            {
                Element(writer, name, value, xmlns, itemName);
            }
        }
    }

    private static void Element(XmlWriter writer, string name, Tree value, string xmlns, string? itemName)
    {
        writer.WriteStartElement(name, xmlns);
        if (value is TreeMap map)
        {
            Members(writer, map, xmlns, itemName);
        }
        else
        {
            writer.WriteString(value switch
            {
                TreeText text => text.Value,
                TreeInteger number => number.Value.ToString(CultureInfo.InvariantCulture),
                TreeReal real => real.Value.ToString("R", CultureInfo.InvariantCulture),
                TreeBoolean truth => truth.Value ? "true" : "false",
                _ => "",
            });
        }

        writer.WriteEndElement();
    }
}
