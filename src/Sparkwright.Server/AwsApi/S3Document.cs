using System.Xml;

namespace Sparkwright.Server.AwsApi;

/// <summary>A small XML document that a client sent; without types, entities or anything that could swell it.</summary>
internal sealed class S3Document
{
    private const int Deepest = 16;

    private readonly List<(string Name, S3Document Value)> children = [];
    private string text = "";

    /// <summary>Reads a document with this root; null for no document at all, a refusal for what is none.</summary>
    public static S3Document? Read(byte[] body, string root)
    {
        if (body.Length == 0)
        {
            return null;
        }

        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreWhitespace = true, IgnoreComments = true, IgnoreProcessingInstructions = true, CheckCharacters = false,
            });
            reader.MoveToContent();
            return reader.LocalName == root ? Element(reader, 0) : throw S3Refusal.Malformed();
        }
        catch (XmlException mistake)
        {
            throw S3Refusal.Malformed(mistake.Message);
        }
    }

    public IEnumerable<S3Document> Children(string name) => children.Where(child => child.Name == name).Select(child => child.Value);

    public IEnumerable<string> Texts(string name) => Children(name).Select(child => child.text);

    private static S3Document Element(XmlReader reader, int depth)
    {
        if (depth > Deepest)
        {
            throw S3Refusal.Malformed();
        }

        var element = new S3Document();
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return element;
        }

        reader.Read();
        while (reader.NodeType != XmlNodeType.EndElement)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    element.children.Add((reader.LocalName, Element(reader, depth + 1)));
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                    element.text += reader.Value;
                    reader.Read();
                    break;
                default:
                    throw S3Refusal.Malformed();
            }
        }

        reader.Read();
        return element;
    }
}
