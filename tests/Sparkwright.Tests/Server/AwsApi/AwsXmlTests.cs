using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.AwsApi;

namespace Sparkwright.Tests.Server.AwsApi;

public sealed class AwsXmlTests
{
    private const string Head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

    [Theory]
    //          content                         name of items  the element
    [InlineData("{A: x, B: 7, C: true}", "member", "<R xmlns=\"urn:r\"><A>x</A><B>7</B><C>true</C></R>")]
    [InlineData("{L: [1, 2]}", "member", "<R xmlns=\"urn:r\"><L><member>1</member><member>2</member></L></R>")]
    [InlineData("{set: [{id: a}]}", "item", "<R xmlns=\"urn:r\"><set><item><id>a</id></item></set></R>")]
    [InlineData("{L: [1, 2]}", null, "<R xmlns=\"urn:r\"><L>1</L><L>2</L></R>")]
    [InlineData("{L: []}", "member", "<R xmlns=\"urn:r\"><L /></R>")]
    [InlineData("{L: []}", null, "<R xmlns=\"urn:r\"></R>")]
    [InlineData("{K: 'a<b>&\"'}", null, "<R xmlns=\"urn:r\"><K>a&lt;b&gt;&amp;\"</K></R>")]
    public void A_tree_becomes_elements(string content, string? itemName, string element) =>
        Assert.Equal(Head + element, Encoding.UTF8.GetString(AwsXml.Write("R", "urn:r", (TreeMap)Yaml.Read(content), itemName)));

    [Fact]
    public void Text_without_members_is_the_element_itself() => Assert.Equal(
        Head + "<LocationConstraint xmlns=\"urn:r\">us-west-2</LocationConstraint>",
        Encoding.UTF8.GetString(AwsXml.Write("LocationConstraint", "urn:r", TreeMap.Empty, null, "us-west-2")));
}
