using System.Text;
using Sparkwright.World;
using Sparkwright.World.Aws;

namespace Sparkwright.Tests.Aws;

public sealed class S3Tests
{
    private readonly MemoryBlobs blobs = new();
    private readonly S3 s3;

    public S3Tests()
    {
        s3 = WorldBuilder.Build(new WorldSettings { Components = [] }, blobs).S3;
        s3.EnsureBucket("b");
        s3.EnsureBucket("b-2");
        s3.Put(new S3Uri("b-2", "a/1"), "of another bucket");
        foreach (var key in new[] { "z", "a/1", "a/2", "a/b/3", "a0", "c/4", "a" })
        {
            s3.Put(new S3Uri("b", key), key);
        }
    }

    [Theory]
    //          prefix delimiter after most   keys                  prefixes  next
    [InlineData("", "", "", 1000, "a a/1 a/2 a/b/3 a0 c/4 z", "", null)]
    [InlineData("", "/", "", 1000, "a a0 z", "a/ c/", null)]
    [InlineData("a/", "/", "", 1000, "a/1 a/2", "a/b/", null)]
    [InlineData("a", "", "", 1000, "a a/1 a/2 a/b/3 a0", "", null)]
    [InlineData("nothing", "/", "", 1000, "", "", null)]
    [InlineData("", "", "a/1", 1000, "a/2 a/b/3 a0 c/4 z", "", null)]
    [InlineData("c", "", "a/1", 1000, "c/4", "", null)]
    [InlineData("", "", "", 2, "a a/1", "", "a/1")]
    [InlineData("", "/", "", 2, "a", "a/", "a/")]
    [InlineData("", "/", "a/", 2, "a0", "c/", "c/")]
    [InlineData("", "/", "c/", 2, "z", "", null)]
    [InlineData("", "", "c/4", 1, "z", "", null)]
    public void A_listing_goes_by_prefix_delimiter_and_page(string prefix, string delimiter, string after, int most, string keys, string prefixes, string? next)
    {
        var page = s3.List(new S3ListRequest("b") { Prefix = prefix, Delimiter = delimiter, After = after, Most = most });
        Assert.Equal((keys, prefixes, next), (string.Join(' ', page.Objects.Select(one => one.Key)), string.Join(' ', page.Prefixes), page.Next));
    }

    [Fact]
    public void Pages_of_one_together_are_the_whole_listing()
    {
        var (found, after) = (new List<string>(), "");
        do
        {
            var page = s3.List(new S3ListRequest("b") { Delimiter = "/", After = after, Most = 1 });
            found.AddRange([.. page.Objects.Select(one => one.Key), .. page.Prefixes]);
            after = page.Next;
        }
        while (after is not null && found.Count < 10);

        Assert.Equal(["a", "a/", "a0", "c/", "z"], found);
    }

    [Fact]
    public void Parts_become_an_object_in_the_order_chosen_and_the_others_are_dropped()
    {
        var uri = new S3Uri("b", "whole");
        var upload = s3.FindUpload(uri, s3.BeginUpload(uri, S3Facts.None))!;
        Part(1, "old");
        Part(1, "Hel");
        Part(7, "lo");
        Part(9, "dropped");
        Assert.Null(blobs.Get("part/old"));
        Assert.Equal("1 7 9", string.Join(' ', s3.Parts(upload).Select(part => part.Number)));

        var whole = s3.Complete(upload, [.. s3.Parts(upload).Take(2)]);
        // md5(md5("Hel") + md5("lo")) and the number of parts.
        Assert.Equal(("Hello", 5, "9be4a9c8243e0bb94f55dcd8189cdd5b-2"), (s3.GetText(uri), whole.Size, whole.ETag));
        Assert.Null(blobs.Get("part/dropped"));
        Assert.Null(s3.FindUpload(uri, upload.Id));

        s3.Delete(uri);
        Assert.Null(blobs.Get("part/Hel"));

        void Part(int number, string text)
        {
            blobs.Put($"part/{text}", Encoding.UTF8.GetBytes(text));
            s3.PutPart(upload, number, new S3Body($"part/{text}", text.Length, Md5(text)));
        }
    }

    [Fact]
    public void An_upload_that_is_given_up_leaves_nothing()
    {
        var uri = new S3Uri("b", "whole");
        var upload = s3.FindUpload(uri, s3.BeginUpload(uri, S3Facts.None))!;
        Assert.Null(s3.FindUpload(new S3Uri("b", "other"), upload.Id));
        blobs.Put("part", Encoding.UTF8.GetBytes("x"));
        s3.PutPart(upload, 1, new S3Body("part", 1, Md5("x")));
        s3.Abort(upload);
        Assert.Null(blobs.Get("part"));
        Assert.Empty(s3.Uploads("b"));
        Assert.Empty(s3.Parts(upload));
        Assert.False(s3.Has(uri));
    }

    [Fact]
    public void A_replaced_body_goes()
    {
        var uri = new S3Uri("b", "a");
        var old = s3.Find(uri)!.Pieces[0].Blob;
        s3.Put(uri, "new");
        Assert.Null(blobs.Get(old));
        Assert.Equal("new", s3.GetText(uri));
    }

    [Fact]
    public void A_bucket_goes_when_it_is_empty()
    {
        Assert.False(s3.DeleteBucket("b-2"));
        s3.Delete(new S3Uri("b-2", "a/1"));
        s3.BeginUpload(new S3Uri("b-2", "under way"), S3Facts.None);
        Assert.True(s3.DeleteBucket("b-2"));
        Assert.False(s3.HasBucket("b-2"));
        Assert.Empty(s3.Uploads("b-2"));
        Assert.True(s3.HasBucket("b"));
    }

#pragma warning disable CA5351 // S3's protocol demands MD5.
    private static string Md5(string text) => Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
